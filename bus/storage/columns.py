"""The column types of every table, the same value in Python whichever database keeps it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Identity,
    Integer,
    LargeBinary,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.types import TypeEngine

_MemberT = TypeVar("_MemberT", bound=StrEnum)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware. SQLite keeps text of one width, so its order is time's order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database itself knows."""
        return dialect.type_descriptor(
            Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Return what the database is given."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("expected an aware datetime; a naive one has no meaning on its own")
        if dialect.name == "sqlite":
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        return value

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> datetime | None:
        """Return the moment, UTC, as every connection of ours is set to."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Member(TypeDecorator[_MemberT], Generic[_MemberT]):
    """A member of an enum, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[_MemberT]) -> None:
        super().__init__()
        self.kind = kind
        self._members: dict[str, _MemberT] = {member.value: member for member in kind}

    def process_bind_param(self, value: _MemberT | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return what the database is given."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> _MemberT | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return the member."""
        return None if value is None else self._members[value]


class Words(TypeDecorator[str]):
    """Text from outside. PostgreSQL has no NUL in text: it becomes U+FFFD everywhere."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return what the database is given."""
        return value if value is None or "\0" not in value else value.replace("\0", "\ufffd")


def ordinal() -> Column[int]:
    """Return the key of a table whose rows have no name but the order they were written in."""
    return Column(
        "ordinal",
        BigInteger().with_variant(Integer(), "sqlite"),
        Identity(always=True),
        primary_key=True,
    )


def identity() -> Uuid[Any]:
    """Return the type of an id: UUID, 32 hex digits on SQLite."""
    return Uuid()


def octets() -> LargeBinary:
    """Return the type of bytes kept as they came."""
    return LargeBinary()
