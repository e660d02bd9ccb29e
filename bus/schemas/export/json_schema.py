"""JSON Schema 2020-12 of every message, by type and version.

A schema takes what the reader takes, as far as JSON Schema can say it. What it cannot say:
a text must be in Unicode form NFC, a key may stand once in an object, a whole number is written
without a fraction, a body has at most 1 MiB. What it says more narrowly: an optional field that
has no value is absent, though the reader takes `null` for absent, as CloudEvents asks.
"""

from inspect import cleandoc
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bus.schemas.base import UTC_PATTERN, UUID_PATTERN
from bus.schemas.catalogue import FromAgency, FromHub, classes, schema_urn
from bus.schemas.envelope import Envelope
from bus.schemas.export.terms import place, term_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""`$schema` of every schema."""


def json_schemas() -> dict[str, JsonSchemaValue]:
    """Return the schema of every message, by file name: `agency/dossier.submitted.1.json`."""
    messages = (*classes(FromAgency), *classes(FromHub))
    return {place(message).file: json_schema(message) for message in messages}


def json_schema(message: type[Envelope]) -> JsonSchemaValue:
    """Return the schema of one message class; its `$id` is the message's `dataschema`."""
    term = term_of(message)
    head = {"$schema": DIALECT, "$id": schema_urn(message)}
    words = {"x-term-vi": term.vi, "x-source": term.source}
    return head | words | message.model_json_schema(schema_generator=_Published)


class _Published(GenerateJsonSchema):
    """The schema as a partner needs it: docstrings as titles, forms that need no `format`."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 -- inherited
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        published = super().default_schema(schema)
        if published.get("default", ...) is None:
            del published["default"]
        return published

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        return super().dict_schema(schema) | {"additionalProperties": False}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return super().datetime_schema(schema) | {"pattern": UTC_PATTERN}

    def uuid_schema(self, schema: core_schema.UuidSchema) -> JsonSchemaValue:
        return super().uuid_schema(schema) | {"pattern": UUID_PATTERN}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        text = cleandoc(schema["cls"].__doc__ or "")
        title = text.partition("\n")[0].rstrip(".")
        return super().model_schema(schema) | {"title": title, "description": text}
