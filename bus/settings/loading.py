"""From file, environment and secrets to settings, or to one line for each thing that is wrong."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError
from pydantic_settings import (
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    SecretsSettingsSource,
    SettingsError,
)

from bus.errors import SettingInvalid
from bus.settings.node import DELIMITER, PREFIX, EdgeSettings, HubSettings, Node
from bus.settings.problems import Where, described, not_readable, unknown, wrong_kind

_SECRET_FOLDERS: Final = ("BUS_SECRETS", "CREDENTIALS_DIRECTORY")

_S = TypeVar("_S", bound=Node)

NodeKind = Literal["hub", "edge"]


@dataclass(frozen=True, slots=True)
class _Given:
    """What one place gives, and how that place is called."""

    where: Where
    values: Mapping[str, Any]


def load_hub(path: Path | None) -> HubSettings:
    """Return a hub's settings.

    Args:
        path: The TOML file; None where the environment says everything.

    Raises:
        SettingInvalid: Something is missing, unknown or wrong; one line for each.
    """
    return _load(HubSettings, path)


def load_edge(path: Path | None) -> EdgeSettings:
    """Return an edge's settings; see `load_hub`."""
    return _load(EdgeSettings, path)


def kind_of(path: Path) -> NodeKind:
    """Return whose configuration a file is: an edge's names the agencies it serves.

    Raises:
        SettingInvalid: The file cannot be read.
    """
    return _kind(_from_file(path).values) or "hub"


def _kind(values: Mapping[str, Any]) -> NodeKind | None:
    """Return what a file is meant for; None where it says too little to tell."""
    if isinstance(values.get("agency"), list):
        return "edge"
    hub = values.get("hub")
    return "hub" if isinstance(hub, Mapping) and "key_file" in hub else None


def _load(settings: type[_S], path: Path | None) -> _S:
    given = [_from_file(path), _from_environment(settings), _from_secrets(settings)]
    meant, wanted = _kind(given[0].values), "hub" if settings is HubSettings else "edge"
    if meant is not None and meant != wanted:
        raise wrong_kind(str(path), meant)
    lines = [*_misspelt(settings, given)]
    merged: dict[str, Any] = {}
    for place in given:
        merged = _over(merged, place.values)
    own = {key: value for key, value in merged.items() if not key.startswith("_")}
    try:
        loaded = settings.model_validate(own)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        lines += [described(settings, detail, _where(given, detail["loc"])) for detail in found]
    if lines:
        raise SettingInvalid("\n".join(lines), problems=len(lines)) from None
    return loaded


# --- the three places ------------------------------------------------------------------------


def _from_file(path: Path | None) -> _Given:
    where = Where(str(path) if path else "")
    if path is None:
        return _Given(where, {})
    try:
        return _Given(where, tomllib.loads(path.read_bytes().decode()))
    except OSError as error:
        raise not_readable(str(path), error.strerror or "", error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise not_readable(str(path), "tệp không phải UTF-8", "the file is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = "".join(re.findall(r"\(at .*\)", str(error)))
        raise not_readable(
            str(path), f"sai cú pháp TOML {place}", f"it is not TOML {place}"
        ) from None


def _from_environment(settings: type[Node]) -> _Given:
    where = Where("", prefix=PREFIX, upper=True)
    try:
        return _Given(where, EnvSettingsSource(settings)())
    except SettingsError as error:
        raise _not_json(settings, error, where) from None


def _from_secrets(settings: type[Node]) -> _Given:
    folder = next((os.environ[name] for name in _SECRET_FOLDERS if os.environ.get(name)), None)
    if folder is None:
        return _Given(Where(""), {})
    where = Where("", prefix=f"{folder}/")
    try:
        source = NestedSecretsSettingsSource(
            SecretsSettingsSource(settings, secrets_dir=folder),
            secrets_dir_missing="error",
            secrets_prefix="",
            secrets_nested_delimiter=DELIMITER,
        )
        return _Given(where, source())
    except (OSError, UnicodeDecodeError) as error:
        raise not_readable(
            folder,
            "một tệp trong thư mục bí mật không đọc được hoặc không phải UTF-8",
            "a file of the secrets folder cannot be read or is not UTF-8",
        ) from error
    except SettingsError as error:
        if "value for field" in str(error):
            raise _not_json(settings, error, where) from None
        raise not_readable(
            folder, "không phải thư mục bí mật dùng được", "not a usable folder of secrets"
        ) from None


def _not_json(settings: type[Node], error: SettingsError, where: Where) -> SettingInvalid:
    name = "".join(re.findall(r'field "(\w+)"', str(error)))
    detail: Any = {"type": "json_invalid", "loc": (name,), "msg": "", "input": None}
    return SettingInvalid(described(settings, detail, where), problems=1)


# --- putting together ------------------------------------------------------------------------


def _over(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Return both, the second winning; tables are joined, lists are not."""
    joined = dict(low)
    for key, value in high.items():
        below = joined.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        joined[key] = _over(below, value) if both else value  # type: ignore[arg-type]
    return joined


def _where(given: Sequence[_Given], loc: Sequence[str | int]) -> Where:
    """Return the last place that gave the value; where none did, the file."""
    for place in reversed(given):
        if _has(place.values, loc):
            return place.where
    return given[0].where


def _has(values: Any, loc: Sequence[str | int]) -> bool:  # noqa: ANN401 -- whatever TOML holds
    for part in loc:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _misspelt(settings: type[Node], given: Sequence[_Given]) -> Iterator[str]:
    """Find what the library would pass over in silence."""
    for key in given[0].values:
        if key.startswith("_"):
            yield unknown(settings, (key,), given[0].where)
    for name in os.environ:
        table, nested, _ = name.removeprefix(PREFIX).lower().partition(DELIMITER)
        if name.startswith(PREFIX) and nested and table not in settings.model_fields:
            loc = name.removeprefix(PREFIX).lower().split(DELIMITER)
            yield unknown(settings, loc, given[1].where)
