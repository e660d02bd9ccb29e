"""What holds for every id."""

import re
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from bus.ids import (
    AGENCY_PATTERN,
    DOSSIER_PATTERN,
    OLD_AGENCY_PATTERN,
    AgencyCode,
    DossierCode,
    derived_id,
    issuing_agency,
    new_form,
    partition_of,
    slug,
    uuid7,
)

AGENCIES = st.from_regex(AGENCY_PATTERN, fullmatch=True).map(AgencyCode)
DOSSIERS = st.from_regex(DOSSIER_PATTERN, fullmatch=True).map(DossierCode)
OLD_AGENCIES = st.from_regex(OLD_AGENCY_PATTERN, fullmatch=True)
TIMES = st.integers(0, 2**48 - 1)
CHANCES = st.binary(min_size=10, max_size=10)


@given(AGENCIES)
def test_a_slug_is_one_word_of_lower_case_letters_digits_and_hyphens(agency: AgencyCode) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", slug(agency))


@given(AGENCIES, AGENCIES)
def test_two_agencies_never_share_a_slug(one: AgencyCode, other: AgencyCode) -> None:
    assert (slug(one) == slug(other)) == (one == other)


@given(DOSSIERS, st.integers(1, 1024))
def test_a_partition_is_one_of_those_there_are(dossier: DossierCode, partitions: int) -> None:
    assert 0 <= partition_of(dossier, partitions) < partitions


@given(AGENCIES, st.from_regex(r"[0-9]{6}-[0-9]{4,7}", fullmatch=True))
def test_the_issuer_is_read_back_from_the_code(agency: AgencyCode, rest: str) -> None:
    assert issuing_agency(DossierCode(f"{agency}-{rest}")) == agency


@given(OLD_AGENCIES)
def test_the_new_form_of_a_code_is_a_code_in_the_new_form(code: str) -> None:
    new = new_form(code)

    assert re.fullmatch(AGENCY_PATTERN, new)
    assert new_form(new) == new


@given(TIMES, CHANCES)
def test_a_message_id_is_a_uuid_of_version_7_that_tells_its_time(ms: int, chance: bytes) -> None:
    id_ = uuid7(ms, chance)

    assert (id_.version, id_.variant) == (7, RFC_4122)
    assert id_.int >> 80 == ms


@given(TIMES, TIMES, CHANCES, CHANCES)
def test_message_ids_sort_by_time(one: int, other: int, first: bytes, second: bytes) -> None:
    if one < other:
        assert uuid7(one, first) < uuid7(other, second)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_a_derived_id_is_a_uuid_of_version_8_and_the_same_each_time(parts: list[str]) -> None:
    id_ = derived_id(*parts)

    assert id_ == derived_id(*parts)
    assert (id_.version, id_.variant) == (8, RFC_4122)


@given(
    st.lists(st.from_regex(r"[a-z0-9.-]{0,20}", fullmatch=True), min_size=1, max_size=4),
    st.lists(st.from_regex(r"[a-z0-9.-]{0,20}", fullmatch=True), min_size=1, max_size=4),
)
def test_what_is_derived_from_other_parts_has_another_id(one: list[str], other: list[str]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)
