"""An edge node whose key, account, code or area is somebody else's does not start."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bus.adapters.file_drop.options import FileDropOptions
from bus.bootstrap.edge_checks import require_fitting
from bus.errors import SettingInvalid
from bus.ids import Account, AgencyCode, AreaCode, slug
from bus.settings import AgencyPart
from tests.support.small_hub import keys

PROVINCE, _ = keys()
UNIT = PROVINCE.directory.agencies[0].code
OTHER = PROVINCE.directory.agencies[1].code
ACCOUNT = PROVINCE.directory.agencies[0].broker_account


def kid_of(agency: AgencyCode) -> str:
    return next(key.kid for key in PROVINCE.directory.keys if key.agency == agency)


def part(*, code: AgencyCode = UNIT, kid: str | None = None, area: str | None = None) -> AgencyPart:
    return AgencyPart(
        code=code,
        key_file=Path(f"keys/{kid or kid_of(UNIT)}.pem"),
        adapter=FileDropOptions(
            kind="file_drop",
            inbox=Path("in"),
            outbox=Path("out"),
            area=AreaCode(area or PROVINCE.directory.agencies[0].area),
        ),
    )


def refusal(given: AgencyPart, *, account: Account = ACCOUNT, known: bool = True) -> str:
    with pytest.raises(SettingInvalid) as caught:
        require_fitting(given, account, PROVINCE if known else None)
    return str(caught.value)


def test_what_fits_the_directory_may_start() -> None:
    require_fitting(part(), ACCOUNT, PROVINCE)


@pytest.mark.parametrize("known", [True, False])
def test_another_agencys_key_is_refused_with_whose_it_is(known: bool) -> None:  # noqa: FBT001
    kid = f"{slug(OTHER)}-20250101-abcd"

    told = refusal(part(kid=kid), known=known)

    assert "agency.key_file" in told
    assert f"keys/{kid}.pem" in told
    assert str(slug(OTHER)) in told


def test_a_key_the_directory_gives_another_agency_is_refused_whatever_its_name() -> None:
    assert f"khoá của {OTHER}" in refusal(part(kid=kid_of(OTHER)))


def test_another_agencys_account_is_refused() -> None:
    told = refusal(part(), account=Account("somebody-else"))

    assert "broker.url" in told
    assert "somebody-else" in told
    assert ACCOUNT in told


def test_a_code_that_is_no_agency_is_refused_with_the_one_it_resembles() -> None:
    told = refusal(part(code=AgencyCode(f"{UNIT}9"), kid="k"))

    assert "agency.code" in told
    assert UNIT in told


def test_an_area_that_is_no_unit_is_refused_with_the_agencys_own() -> None:
    told = refusal(part(area="99999"))

    assert "agency.adapter.area" in told
    assert PROVINCE.directory.agencies[0].area in told


def test_a_key_that_an_old_copy_of_the_directory_does_not_hold_is_only_warned_of() -> None:
    kid = f"{slug(UNIT)}-20260101-abcd"

    with capture_logs() as lines:
        require_fitting(part(kid=kid), ACCOUNT, PROVINCE)

    assert [(line["event"], line["kid"]) for line in lines] == [("node.key_not_in_directory", kid)]


def test_a_key_with_a_name_of_its_own_tells_nothing_without_a_directory() -> None:
    require_fitting(part(kid="our-key"), ACCOUNT, None)
