"""A node's configuration: what it reads, what wins, and what it says when something is wrong."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bus.errors import SettingInvalid
from bus.settings import EdgeSettings, HubSettings, kind_of, load_edge, load_hub

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [(DEPLOY / "hub.toml", HubSettings), (DEPLOY / "edge.toml", EdgeSettings)]
SECRET = "correct-horse-battery"

HUB = f"""
[broker]
url = "amqp://hub:{SECRET}@broker/lienthong"
[database]
url = "postgresql+psycopg://hub@db/lienthong"
[hub]
agency = "H63.01"
key_file = "hub.pem"
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUS_SECRETS", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def hub_file(folder: Path, text: str = HUB) -> Path:
    path = folder / "hub.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path | None) -> list[str]:
    with pytest.raises(SettingInvalid) as caught:
        load_hub(path)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None or SECRET not in str(caught.value.__cause__)
    return str(caught.value).splitlines()


def model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for x in get_args(annotation) if (found := model_in(x))), None)


def settings_of(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is None:
            yield f"{path}{name}", field
        else:
            yield from settings_of(inner, f"{path}{name}.")


def keys_of(table: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in table.items():
        inner = value[0] if isinstance(value, list) else value
        if isinstance(inner, dict):
            yield from keys_of(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def with_optional_settings(text: str) -> str:
    return re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE)


# --- the sample files ------------------------------------------------------------------------


def test_the_sample_hub_file_loads() -> None:
    settings = load_hub(DEPLOY / "hub.toml")

    assert (settings.hub.partitions, settings.hub.batch, settings.retry.cap_seconds) == (
        16,
        200,
        3600,
    )


def test_the_sample_edge_file_loads() -> None:
    settings = load_edge(DEPLOY / "edge.toml")

    assert [(part.code, part.adapter.kind) for part in settings.agency] == [
        ("H63.140.05", "file_drop")
    ]


@pytest.mark.parametrize(("path", "model"), FILES)
def test_every_setting_is_in_the_sample_file_and_nothing_else(
    path: Path, model: type[BaseModel]
) -> None:
    written = set(keys_of(tomllib.loads(with_optional_settings(path.read_text("utf-8")))))

    assert written == {name for name, _ in settings_of(model)}


@pytest.mark.parametrize(("path", "model"), FILES)
def test_every_setting_is_explained_in_vietnamese_then_english(
    path: Path, model: type[BaseModel]
) -> None:
    """The very words a wrong setting is reported with, so that they cannot drift."""
    text = path.read_text("utf-8")

    for name, field in settings_of(model):
        assert isinstance(field.json_schema_extra, dict)
        key = name.rpartition(".")[2]
        comment = f"# {field.json_schema_extra['x-term-vi']}\n# {field.description}\n"
        assert re.search(f"^{re.escape(comment)}#?{key} = ", text, re.MULTILINE), name


@pytest.mark.parametrize(("path", "model"), FILES)
def test_what_the_sample_file_shows_is_the_default(path: Path, model: type[BaseModel]) -> None:
    """Deleting a line of the sample that has a default must change nothing."""
    shown = tomllib.loads(path.read_text("utf-8"))
    own = {"health.listen", "broker.management_url", "database.url", "hub.key"}

    for name, field in settings_of(model):
        if field.is_required() or name in own:
            continue
        value: Any = shown
        for part in name.split("."):
            value = value[0] if isinstance(value, list) else value
            value = value.get(part) if isinstance(value, dict) else value
        assert value is None or value == field.default, name


# --- which place wins ------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUS_HUB__PARTITIONS", "4")

    assert load_hub(hub_file(tmp_path)).hub.partitions == 4


def test_the_secrets_folder_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "database__url").write_text("sqlite:///from-secrets.db\n", encoding="utf-8")
    monkeypatch.setenv("BUS_DATABASE__URL", "sqlite:///from-environment.db")
    monkeypatch.setenv("BUS_SECRETS", str(secrets))

    settings = load_hub(hub_file(tmp_path))

    assert settings.database.address == "sqlite:///from-secrets.db"
    assert settings.hub.agency == "H63.01"


def test_systemd_credentials_are_a_secrets_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hub__kid").write_text("the-hubs-key", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert load_hub(hub_file(tmp_path)).hub.kid == "the-hubs-key"


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BUS_BROKER__URL": "memory://",
        "BUS_DATABASE__URL": "sqlite:///hub.db",
        "BUS_HUB__AGENCY": "H63.01",
        "BUS_HUB__KEY_FILE": "hub.pem",
    }.items():
        monkeypatch.setenv(name, value)

    assert load_hub(None).hub.key_file == Path("hub.pem")


# --- passwords -------------------------------------------------------------------------------


def test_a_password_file_completes_the_url(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("p@ss/wörd\n", encoding="utf-8")
    extra = f'[database]\npassword_file = "{password}"\n'

    settings = load_hub(hub_file(tmp_path, HUB.replace("[database]\n", extra)))

    assert settings.database.address == ("postgresql+psycopg://hub:p%40ss%2Fw%C3%B6rd@db/lienthong")


def test_settings_can_be_shown_without_their_passwords(tmp_path: Path) -> None:
    settings = load_hub(hub_file(tmp_path))

    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()
    assert SECRET in settings.broker.address


# --- what is said when something is wrong ----------------------------------------------------


def test_each_problem_is_one_line_that_names_file_key_and_remedy(tmp_path: Path) -> None:
    wrong = HUB.replace('agency = "H63.01"\n', "").replace("[hub]", "[hub]\npartitions = 0")
    path = hub_file(tmp_path, wrong)

    missing, wrong_value = refusal(path)

    assert missing == (
        f"{path}: hub.agency: thiếu. Cần: Mã cơ quan vận hành trục."
        " Hãy thêm vào tệp hoặc đặt biến BUS_HUB__AGENCY"
        " / hub.agency: is missing. Expected: Code of the agency that runs the hub."
        " Add it to the file or set BUS_HUB__AGENCY."
    )
    assert wrong_value == (
        f"{path}: hub.partitions: giá trị không hợp lệ."
        " Cần: Số phân vùng, 1 đến 100; phải giống nhau trong toàn tỉnh. Hãy sửa giá trị này"
        " / hub.partitions: is not valid."
        " Expected: Number of ordered lanes, 1 to 100; the same in the whole province."
        " Correct it."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[hub]", "[hub]\npartition = 4"), "is “partitions” meant?"),
        (("[hub]", "[huub]\nx = 1\n[hub]"), "huub: không có thiết lập này"),
        (("[broker]", "_env_file = 1\n[broker]"), "_env_file: không có thiết lập này"),
        (("amqp://", "http://"), "broker.url: giá trị không hợp lệ"),
        (("[broker]", "[broker"), "sai cú pháp TOML (at line"),
        (("[broker]", '[broker]\npassword_file = "none"'), "không đọc được tệp mật khẩu"),
    ],
)
def test_a_wrong_file_is_said_in_one_line(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = hub_file(tmp_path, HUB.replace(*change))

    (line,) = refusal(path)

    assert line.startswith(f"{path}: ")
    assert said in line


def test_a_password_that_stands_twice_is_refused(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x", encoding="utf-8")
    extra = f'[broker]\npassword_file = "{password}"\n'

    (line,) = refusal(hub_file(tmp_path, HUB.replace("[broker]\n", extra)))

    assert "broker.url" in line


def test_a_missing_table_says_what_belongs_into_it(tmp_path: Path) -> None:
    lines = refusal(hub_file(tmp_path, ""))

    assert [line.partition("Expected: ")[2].partition(" Add")[0] for line in lines] == [
        "a table [broker] with url.",
        "a table [database] with url.",
        "a table [hub] with agency, key_file.",
    ]


def test_a_missing_file_is_said_in_one_line(tmp_path: Path) -> None:
    (line,) = refusal(tmp_path / "none.toml")

    assert line.startswith(f"{tmp_path / 'none.toml'}: không đọc được cấu hình")


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUS_HUB__BATCH", "many")

    (line,) = refusal(hub_file(tmp_path))

    assert line.startswith("BUS_HUB__BATCH: hub.batch: giá trị không hợp lệ")


@pytest.mark.parametrize("name", ["BUS_HUBB__BATCH", "BUS_HUB__BATCHES"])
def test_a_misspelt_variable_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "5")

    (line,) = refusal(hub_file(tmp_path))

    assert line.startswith(f"{name}: ")
    assert "không có thiết lập này" in line


def test_a_list_in_the_environment_that_is_not_json_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUS_AGENCY", f"[{SECRET}")

    with pytest.raises(SettingInvalid, match="BUS_AGENCY: agency: không phải JSON") as caught:
        load_edge(DEPLOY / "edge.toml")

    assert SECRET not in str(caught.value)


def test_a_binary_file_among_the_secrets_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "hub.der").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("BUS_SECRETS", str(secrets))

    (line,) = refusal(hub_file(tmp_path))

    assert line.startswith(f"{secrets}: không đọc được cấu hình")


def test_a_secrets_folder_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUS_SECRETS", str(tmp_path / "none"))

    (line,) = refusal(hub_file(tmp_path))

    assert line.startswith(f"{tmp_path / 'none'}: ")


def test_an_unknown_adapter_is_named_with_its_place(tmp_path: Path) -> None:
    text = (DEPLOY / "edge.toml").read_text("utf-8")
    path = hub_file(tmp_path, text.replace('kind = "file_drop"', 'kind = "fax"'))

    with pytest.raises(SettingInvalid) as caught:
        load_edge(path)

    assert str(caught.value).startswith(f"{path}: agency[1].adapter.kind: giá trị không hợp lệ")


@pytest.mark.parametrize("province", ["", 'province = "deploy/yen-bai"\n'])
def test_the_hubs_key_has_exactly_one_source(tmp_path: Path, province: str) -> None:
    text = (DEPLOY / "edge.toml").read_text("utf-8")
    key = 'key = "keys/hub.json"\n'
    path = hub_file(tmp_path, text.replace(key, f"{key}{province}" if province else ""))

    with pytest.raises(SettingInvalid, match=r"hub\.key: cần đúng một trong hai"):
        load_edge(path)


def test_a_health_address_is_taken_apart() -> None:
    settings = load_edge(DEPLOY / "edge.toml")

    assert (settings.health.host, settings.health.port) == ("127.0.0.1", 9181)


# --- the wrong file --------------------------------------------------------------------------

EDGE = """
[broker]
url = "amqp://h63-01-01@broker/lienthong"
[hub]
agency = "H63.01"
key = "hub.json"
[[agency]]
code = "H63.01.01"
key_file = "key.pem"
[agency.adapter]
inbox = "in"
outbox = "out"
area = "04636"
"""


def test_a_file_of_the_other_kind_of_node_is_recognised(tmp_path: Path) -> None:
    """Else each of its keys would be called unknown, and the reader told to remove them."""
    hub, edge = hub_file(tmp_path), tmp_path / "edge.toml"
    edge.write_text(EDGE, encoding="utf-8")

    (line,) = refusal(edge)
    with pytest.raises(SettingInvalid, match=r"hub\.toml: đây là cấu hình của hub.*bus hub run"):
        load_edge(hub)

    assert line.startswith(f"{edge}: đây là cấu hình của một nút biên")
    assert f"bus adapter run {edge}" in line
    assert [kind_of(hub), kind_of(edge)] == ["hub", "edge"]


def test_without_any_file_the_option_and_a_variable_that_works_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = refusal(None)

    assert len(lines) == 3
    assert all("--config" in line for line in lines)
    named = re.findall(r"BUS_\w+", " ".join(lines))
    assert {"BUS_BROKER__URL", "BUS_DATABASE__URL", "BUS_HUB__AGENCY"} == set(named)
    for name in named:
        monkeypatch.setenv(name, "amqp://hub@broker/x" if "BROKER" in name else "sqlite:///x")
    assert all("BROKER" not in line and "DATABASE" not in line for line in refusal(None))
