"""`bus dossier form`: sheets of dossiers that really went their way."""

import json
import stat
from pathlib import Path

import pytest

from bus.cli import codes
from tests.support.fixtures_cli import SUPPLEMENTED, Bus, one_line

pytestmark = [pytest.mark.usefixtures("hub"), pytest.mark.slow]
UNIT = "Ủy ban nhân dân xã Gia Hội, huyện Văn Chấn"


def test_a_control_slip_names_each_hand_over_of_the_ledger(bus: Bus) -> None:
    slip = bus("dossier", "form", SUPPLEMENTED, "--form", "control-slip", "--json").data
    handoffs = bus("handoff", "list", "--dossier", SUPPLEMENTED, "--json").data

    wanted = {"step.requested", "supplement.requested", "dossier.completed"}
    assert sorted(line["leg"]["delivery"] for line in slip["lines"] if line["leg"]["delivery"]) == (
        sorted(handoff["id"] for handoff in handoffs if handoff["type"] in wanted)
    )
    assert slip["lines"][0]["giver"] == f"Bộ phận Một cửa, {UNIT}"
    assert slip["lines"][-1]["receiver"] == "Người nộp hồ sơ"
    assert all(line["leg"]["received_at"] for line in slip["lines"])


def test_a_receipt_is_a_page_on_stdout_without_the_citizens_name(bus: Bus) -> None:
    hidden = bus("dossier", "form", SUPPLEMENTED, "--form", "receipt")
    shown = bus("dossier", "form", SUPPLEMENTED, "--form", "receipt", "--with-owner", "--json").data

    assert hidden.code == codes.DONE
    assert hidden.out.startswith("<!DOCTYPE html>")
    assert shown["about"]["owner"]["name"] not in hidden.out
    assert shown["heading"]["form"]["number"] == "Mẫu số 01"


@pytest.mark.usefixtures("printer")
def test_a_pdf_is_written_for_its_owner_only(bus: Bus, tmp_path: Path) -> None:
    file = tmp_path / "phieu.pdf"

    said = bus(
        *("dossier", "form", SUPPLEMENTED, "--form", "supplement", "--format", "pdf"),
        *("--output", file),
    )

    assert (said.code, said.out) == (codes.DONE, f"{file}\n")
    assert file.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_form_can_be_written_as_json_with_number_and_circular(bus: Bus, tmp_path: Path) -> None:
    file = tmp_path / "phieu.json"

    bus(
        *("dossier", "form", SUPPLEMENTED, "--form", "supplement", "--format", "json"),
        *("--set", "2025", "--document-number", "08", "--ordinal", "1", "-o", file),
    )

    heading = json.loads(file.read_text(encoding="utf-8"))["heading"]
    assert (heading["form"]["set"], heading["number"]) == ("2025", "08")


def test_a_document_that_is_not_there_is_refused_with_those_that_are(bus: Bus) -> None:
    said = bus("dossier", "form", SUPPLEMENTED, "--form", "refusal")

    assert said.code == codes.REFUSED
    assert one_line(said, "form.unavailable")
    assert "hiện có: receipt, supplement," in said.err


def test_an_unknown_dossier_has_no_forms(bus: Bus) -> None:
    said = bus("dossier", "form", "H63.140.05-250303-9999", "--form", "receipt")

    assert said.code == codes.REFUSED
    assert one_line(said, "not_found")


def test_a_place_that_cannot_be_written_to_is_refused(bus: Bus, tmp_path: Path) -> None:
    said = bus("dossier", "form", SUPPLEMENTED, "--form", "receipt", "-o", tmp_path / "no" / "x")

    assert said.code == codes.REFUSED
    assert one_line(said, "act.refused")


@pytest.mark.parametrize(
    "options",
    [("--format", "pdf"), ("--format", "html", "--json"), ("--form", "letter"), ("--ordinal", "0")],
)
def test_wrong_usage_exits_2(bus: Bus, options: tuple[str, ...]) -> None:
    said = bus("dossier", "form", SUPPLEMENTED, "--form", "receipt", *options)

    assert said.code == codes.USAGE
