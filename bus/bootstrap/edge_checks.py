"""What must fit before an edge node starts: keys, accounts and areas against the directory.

A node that signs for another agency, or in another's account, would send messages the hub can
only refuse; better it does not start. Where the node has no copy of the directory, the names that
`bus key new` gives its files still tell whose key it is.
"""

import re
from difflib import get_close_matches
from typing import Final

import structlog

from bus.errors import SettingInvalid
from bus.ids import Account, slug
from bus.schemas.directory import AgencyEntry
from bus.schemas.province import Province
from bus.settings import AgencyPart

log = structlog.get_logger()

_KEY_NAME: Final = re.compile(r"(?P<slug>[a-z][a-z0-9-]*)-[0-9]{8}-[0-9a-f]{4}")
"""How `bus key new` names a key: whose, from when, which."""


def require_fitting(part: AgencyPart, account: Account, province: Province | None) -> None:
    """Refuse an agency's settings that contradict the directory or each other.

    Args:
        part: The settings.
        account: The broker account of the node.
        province: The node's copy of the directory, where it has one. A copy may be old: what it
            does not hold yet is warned of, what it holds otherwise is refused.

    Raises:
        SettingInvalid: Key, account, code or area belong to somebody else or to nobody.
    """
    kid = part.kid or part.key_file.stem
    _require_own_key(part, kid, province)
    if province is None:
        return
    entry = _entry(part, province)
    if entry.broker_account != account:
        raise SettingInvalid(
            f"broker.url: tài khoản {account} không phải của {part.code}, danh bạ ghi"
            f" {entry.broker_account}; hãy sửa tài khoản trong broker.url hoặc mã cơ quan"
            f" / broker.url: the account {account} is not {part.code}'s, the directory says"
            f" {entry.broker_account}; correct the account in broker.url or the agency's code"
        )
    area = part.adapter.area
    if area not in {unit.code for unit in province.directory.units}:
        raise SettingInvalid(
            f"agency.adapter.area: danh bạ không có đơn vị hành chính {area}; cần mã GSO của"
            f" {entry.name}, ví dụ {entry.area} / agency.adapter.area: the directory has no unit"
            f" {area}; expected the statistical code of {entry.name}, as {entry.area}"
        )
    if kid not in {key.kid for key in province.directory.keys}:
        log.warning("node.key_not_in_directory", agency=part.code, kid=kid)


def _entry(part: AgencyPart, province: Province) -> AgencyEntry:
    codes = {entry.code: entry for entry in province.directory.agencies}
    entry = codes.get(part.code)
    if entry is None:
        near = get_close_matches(part.code, list(codes), n=1)
        vi = f"; có phải {near[0]}?" if near else ""
        en = f"; is {near[0]} meant?" if near else ""
        raise SettingInvalid(
            f"agency.code: danh bạ không có cơ quan {part.code}{vi} Hãy sửa mã hoặc cập nhật bản"
            f" sao danh bạ ở hub.province / agency.code: the directory has no agency"
            f" {part.code}{en} Correct the code, or bring the copy at hub.province up to date"
        )
    return entry


def _require_own_key(part: AgencyPart, kid: str, province: Province | None) -> None:
    keys = province.directory.keys if province is not None else ()
    listed = next((key.agency for key in keys if key.kid == kid), None)
    named = _KEY_NAME.fullmatch(kid)
    strange = named is not None and named["slug"] != slug(part.code)
    if listed == part.code or (listed is None and not strange):
        return
    owner = listed or (named["slug"] if named else kid)
    raise SettingInvalid(
        f"agency.key_file: {part.key_file} là khoá của {owner}, không phải của {part.code}; hãy chỉ"
        f" đúng tệp khoá của {part.code} / agency.key_file: {part.key_file} is the key of {owner},"
        f" not of {part.code}; name the key file of {part.code}"
    )
