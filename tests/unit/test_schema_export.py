"""What is published for partners: JSON Schema per message, one AsyncAPI document, the reference."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from bus.ids import AgencyCode, DossierCode, partition_of, slug
from bus.schemas import address
from bus.schemas.catalogue import schema_urn, type_name
from bus.schemas.dossier import DossierSubmittedV1
from bus.schemas.envelope import Envelope
from bus.schemas.export.asyncapi import asyncapi
from bus.schemas.export.examples import example
from bus.schemas.export.json_schema import DIALECT, json_schema, json_schemas
from bus.schemas.export.terms import place, term_of
from bus.schemas.step import StepCompletedV1
from tests.support.messages import MESSAGE_CLASSES, case_name, content, golden

ROOT: Final = Path(__file__).parents[2]
ASYNCAPI_META: Final = (
    ROOT / "tests/e2e/node_client/node_modules/@asyncapi/specs/schemas/3.0.0.json"
)

every_message = pytest.mark.parametrize("message", MESSAGE_CLASSES, ids=case_name)


def validator(message: type[Envelope]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_schema(message), validate_formats=True)


def at(document: Any, pointer: str) -> Any:
    """Return what a reference inside the document leads to."""
    for key in pointer.removeprefix("#/").split("/"):
        document = document[key]
    return document


def references(document: Any) -> list[str]:
    if isinstance(document, list):
        return [found for item in document for found in references(item)]
    if not isinstance(document, dict):
        return []
    here = [document["$ref"]] if isinstance(document.get("$ref"), str) else []
    return here + [found for item in document.values() for found in references(item)]


# --- JSON Schema -----------------------------------------------------------------------------


def test_there_is_one_schema_per_message_under_its_side_type_and_version() -> None:
    schemas = json_schemas()

    assert list(schemas) == [place(message).file for message in MESSAGE_CLASSES]
    assert "agency/dossier.submitted.1.json" in schemas
    assert "hub/step.requested.1.json" in schemas


@every_message
def test_a_schema_is_valid_against_the_official_meta_schema(message: type[Envelope]) -> None:
    schema = json_schema(message)

    assert schema["$schema"] == DIALECT
    assert schema["$id"] == schema_urn(message)
    jsonschema_rs.meta.validate(schema)
    json.dumps(schema)


@every_message
def test_a_schema_is_titled_by_what_the_message_says(message: type[Envelope]) -> None:
    schema = json_schema(message)
    first_line = (message.__doc__ or "").partition("\n")[0]

    assert schema["title"] == first_line.removesuffix(".")
    assert schema["x-term-vi"] == term_of(message).vi
    assert schema["x-source"] == term_of(message).source


@every_message
def test_every_published_field_keeps_its_vietnamese_term_and_source(
    message: type[Envelope],
) -> None:
    schema = json_schema(message)
    models = [schema, *schema.get("$defs", {}).values()]

    for model in models:
        for name, field in model.get("properties", {}).items():
            assert field["description"], name
            assert field["x-term-vi"], name
            assert field["x-source"], name


@every_message
def test_every_published_object_is_closed(message: type[Envelope]) -> None:
    def objects(schema: Any) -> list[Any]:
        if isinstance(schema, list):
            return [found for item in schema for found in objects(item)]
        if not isinstance(schema, dict):
            return []
        here = [schema] if schema.get("type") == "object" else []
        return here + [found for item in schema.values() for found in objects(item)]

    assert [found for found in objects(json_schema(message)) if found["additionalProperties"]] == []


@every_message
def test_a_schema_says_nothing_of_null(message: type[Envelope]) -> None:
    """What has no value is absent; the reader's mercy is not published."""
    assert "null" not in json.dumps(json_schema(message))


@every_message
@pytest.mark.parametrize("minimal", [False, True], ids=["whole", "minimal"])
def test_a_golden_message_fits_its_schema(message: type[Envelope], *, minimal: bool) -> None:
    validator(message).validate(json.loads(golden(message, minimal=minimal)))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "01955A2F-6E80-7A31-8C55-0D1F6A2B3C01"},
        {"time": "2025-03-03T08:46:00+07:00"},
        {"time": "2025-03-03T01:46Z"},
        {"time": "1740966360"},
        {"sequence": "1"},
        {"sequence": "٠٠٠٠٠٠٠٠٠١"},
        {"subject": "H63.140.05"},
        {"dataschema": "urn:lienthong:schema:agency:dossier.submitted:2"},
        {"type": "dossier.withdrawn"},
        {"extra": 1},
        {"data__title": " "},
        {"data__title": "\ufeff"},
        {"data__title": "two\nlines"},
        {"data__title": "a\x00b"},
        {"data__title": "x" * 501},
        {"data__facts": {"BAD": 1}},
        {"data__facts": {"big": 2**53}},
        {"data__facts": {"half": 0.5}},
        {"data__facts": {f"f{n}": True for n in range(51)}},
        {"data__form": {"number": 1}},
        {"data__channel": "fax"},
        {"data__owner__phone": "call me"},
        {"data__owner__more": 1},
        {"data__owner": ...},
    ],
    ids=str,
)
def test_what_the_reader_refuses_the_schema_refuses_too(change: dict[str, Any]) -> None:
    wrong = content(DossierSubmittedV1, **change)

    assert not validator(DossierSubmittedV1).is_valid(wrong)
    with pytest.raises(ValueError, match="validation error"):
        DossierSubmittedV1.model_validate_json(json.dumps(wrong))


@pytest.mark.parametrize(
    "change",
    [
        {"data__outputs": ...},
        {"data__documents": ...},
        {"correlationid": ...},
        {"time": "2025-03-03T01:46:00.123456789Z"},
        {"data__outputs": {"a": -(2**53) + 1, "b": "Đúng", "c": False, "d": ""}},
    ],
    ids=str,
)
def test_what_the_schema_takes_the_reader_takes_too(change: dict[str, Any]) -> None:
    right = content(StepCompletedV1, **change)

    validator(StepCompletedV1).validate(right)
    StepCompletedV1.model_validate_json(json.dumps(right))


# --- AsyncAPI --------------------------------------------------------------------------------


@pytest.mark.node
@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_asyncapi_document_is_valid_against_the_official_meta_schema() -> None:
    """The meta-schema comes from the Node project's packages: `make venv` fetches it."""
    meta = jsonschema_rs.validator_for(json.loads(ASYNCAPI_META.read_text(encoding="utf-8")))

    assert [str(error) for error in meta.iter_errors(asyncapi())] == []
    assert [str(error) for error in meta.iter_errors(asyncapi(partitions=16))] == []
    assert not meta.is_valid(asyncapi() | {"channels": {"x": {"bindings": {"amqp": {"is": 1}}}}})


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = asyncapi()
    files = json_schemas()

    for reference in references(document):
        assert reference in files or at(document, reference), reference


def test_every_message_is_in_the_document_with_its_schema_and_a_valid_example() -> None:
    messages = asyncapi()["components"]["messages"]
    schemas = json_schemas()

    assert list(messages) == [place(message).key for message in MESSAGE_CLASSES]
    for entry in messages.values():
        schema = schemas[entry["payload"]["schema"]["$ref"]]
        for shown in entry["examples"]:
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(
                shown["payload"]
            )


@every_message
def test_an_example_is_a_message(message: type[Envelope]) -> None:
    read = message.model_validate_json(json.dumps(example(message)))

    assert json.loads(read.model_dump_json(exclude_none=True)) == example(message)


@every_message
def test_every_message_can_be_sent_or_received_by_exactly_one_operation(
    message: type[Envelope],
) -> None:
    document = asyncapi()
    name = f"/messages/{place(message).key}"

    actions = [
        operation["action"]
        for operation in document["operations"].values()
        if any(reference["$ref"].endswith(name) for reference in operation["messages"])
    ]

    assert actions == ["receive" if place(message).side == "hub" else "send"]


def test_the_document_says_how_many_partitions_there_are_where_it_is_known() -> None:
    assert "partitions" not in asyncapi()["x-bus-partition"]
    document = asyncapi(partitions=16)

    assert document["x-bus-partition"]["partitions"] == 16
    assert "16" in document["channels"]["dossier"]["parameters"]["partition"]["description"]


def test_the_documents_addresses_are_the_ones_the_bus_uses() -> None:
    agency, dossier = AgencyCode("H63.140.05"), DossierCode("H63.140.05-250303-0001")
    channels = asyncapi()["channels"]

    def filled(channel: str) -> str:
        partition = f"{partition_of(dossier, 4):02d}"
        return str(channels[channel]["address"]).format(slug=slug(agency), partition=partition)

    assert filled("dossier") == address.dossier_key(agency, dossier, 4)
    assert filled("receipt") == address.receipt_key(agency)
    assert filled("control") == address.control_key(agency)
    assert filled("queue") == address.agency_queue(agency)
    assert channels["dossier"]["bindings"]["amqp"]["exchange"]["name"] == address.AGENCY_OUT


def test_the_documents_example_of_a_partition_is_right() -> None:
    shown = asyncapi()["x-bus-partition"]["example"]

    computed = partition_of(DossierCode(shown["dossier"]), shown["partitions"])
    assert shown["partition"] == f"{computed:02d}"


# --- the reference for people ----------------------------------------------------------------


@pytest.mark.parametrize("side", ["agency", "hub"])
def test_the_reference_lists_every_message_by_direction_with_its_words(side: str) -> None:
    text = (ROOT / "docs/reference/messages.md").read_text(encoding="utf-8")
    heading = "## From an agency to the hub" if side == "agency" else "## From the hub to an agency"
    section = text.partition(heading)[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]

    assert [(row[0], row[1], row[3]) for row in rows] == [
        (f"`{type_name(message)}` {place(message).version}", term_of(message).vi, term.source)
        for message in MESSAGE_CLASSES
        if place(message).side == side
        for term in [term_of(message)]
    ]
