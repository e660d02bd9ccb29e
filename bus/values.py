"""Values: frozen dataclasses, which nobody changes; what follows from one is another one."""

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # To a type checker it is the library's: it knows the fields and their types.
    from dataclasses import replace as changed
else:
    _ValueT = TypeVar("_ValueT")

    def changed(value: _ValueT, /, **fields: Any) -> _ValueT:  # noqa: ANN401 -- see above
        """Return the value with some fields changed; the value itself stays as it is.

        What `dataclasses.replace` does, at a fifteenth of its price: that asks every field for
        itself, and a decision about a dossier copies several values of twenty fields each. Of
        classes without slots, `__post_init__` and cached properties.

        Raises:
            AttributeError: The class has slots.
            TypeError: It has no such field.
        """
        if not fields.keys() <= value.__dict__.keys():
            unknown = ", ".join(sorted(fields.keys() - value.__dict__.keys()))
            raise TypeError(f"{type(value).__name__} has no field {unknown}")
        copy = object.__new__(type(value))
        object.__setattr__(copy, "__dict__", value.__dict__ | fields)
        return copy


__all__ = ["changed"]
