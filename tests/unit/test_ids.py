"""The ids of the domain: worked examples a partner can check an own implementation with."""

import pytest

from bus.ids import (
    AgencyCode,
    DossierCode,
    derived_id,
    issuing_agency,
    new_form,
    partition_of,
    slug,
    uuid7,
)


def test_an_agency_is_one_word_of_a_routing_key() -> None:
    assert slug(AgencyCode("H63.140.05")) == "h63-140-05"


@pytest.mark.parametrize(
    ("dossier", "partitions", "partition"),
    [
        ("H63.140.05-250303-0001", 16, 7),
        ("H63.140.05-250303-0002", 16, 6),
        ("000.05.140.H63-250303-0001", 4, 2),
    ],
)
def test_a_dossier_has_the_same_partition_for_ever(
    dossier: str, partitions: int, partition: int
) -> None:
    """Adapters in other languages compute these; a change here would split lanes."""
    assert partition_of(DossierCode(dossier), partitions) == partition


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("000.05.14.H63", "H63.14.05"),
        ("000.00.05.H63", "H63.05"),
        ("000.00.00.H63", "H63"),
        ("H63.140.05", "H63.140.05"),
        ("H63", "H63"),
    ],
)
def test_the_old_form_of_an_agency_code_becomes_the_new_one(code: str, new: str) -> None:
    assert new_form(code) == new


@pytest.mark.parametrize(
    ("dossier", "agency"),
    [
        ("H63.140.05-250303-0001", "H63.140.05"),
        ("000.05.14.H63-250303-1234567", "000.05.14.H63"),
    ],
)
def test_a_dossier_code_names_who_issued_it(dossier: str, agency: str) -> None:
    assert issuing_agency(DossierCode(dossier)) == agency


def test_a_message_id_is_laid_out_as_rfc_9562_says() -> None:
    """The example of its appendix A.6."""
    rand_a, rand_b = 0xCC3, 0x18C4DC0C0C07398F
    chance = ((rand_a << 62) | rand_b).to_bytes(10, "big")

    assert str(uuid7(0x017F22E279B0, chance)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_a_derived_id_is_the_same_on_every_machine() -> None:
    assert str(derived_id("message.accepted", "a")) == "01ea2a73-318f-873d-866b-562224c9a0be"
