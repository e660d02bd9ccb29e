"""Migrations on both kinds of database: what they make is what the stores are written for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from bus.errors import OperatorMustAct, SchemaOutdated, SettingInvalid
from bus.storage.edge_tables import EDGE
from bus.storage.engine import open_engine, reading, writing
from bus.storage.hub import SqlHubStore
from bus.storage.hub_tables import HUB
from bus.storage.migrate import Kind, current, migrate, migrate_to, require_head
from tests.support.fixtures_storage import DATABASES, PARTITIONS
from tests.support.postgres import drop_database, fresh_database

REVISIONS: dict[Kind, list[str]] = {"hub": ["hub_0001", "hub_0002"], "edge": ["edge_0001"]}
KINDS: list[tuple[Kind, MetaData]] = [("hub", HUB), ("edge", EDGE)]


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind in turn."""
    on_sqlite = request.param == "sqlite"
    url = (
        f"sqlite:///{tmp_path / 'có dấu %20 cách.db'}"
        if on_sqlite
        else fresh_database(request.getfixturevalue("postgres_url"))
    )
    engine = open_engine(url)
    yield engine
    engine.dispose()
    if not on_sqlite:
        drop_database(url)


@pytest.mark.parametrize(("kind", "tables"), KINDS)
def test_migrations_make_the_tables_the_stores_are_written_for(
    empty: Engine, kind: Kind, tables: MetaData
) -> None:
    applied = migrate(empty, kind)

    assert applied == REVISIONS[kind]
    with reading(empty) as connection:
        options = {"version_table": f"{kind}_version", "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables) == []


@pytest.mark.parametrize(("kind", "tables"), KINDS)
def test_every_constraint_has_the_name_the_convention_gives(
    empty: Engine, kind: Kind, tables: MetaData
) -> None:
    """The next migration must be able to name it, on either database."""
    migrate(empty, kind)

    found = inspect(empty)
    for table in tables.tables.values():
        assert found.get_pk_constraint(table.name)["name"] == table.primary_key.name
        assert {index["name"] for index in found.get_indexes(table.name)} >= {
            index.name for index in table.indexes
        }


@pytest.mark.parametrize(("kind", "_tables"), KINDS)
def test_a_migrated_database_is_left_alone(empty: Engine, kind: Kind, _tables: MetaData) -> None:
    migrate(empty, kind)

    assert migrate(empty, kind) == []
    assert current(empty, kind) == (REVISIONS[kind][-1], REVISIONS[kind][-1])
    require_head(empty, kind)


def test_an_empty_database_is_refused_with_the_remedy(empty: Engine) -> None:
    assert current(empty, "hub") == (None, REVISIONS["hub"][-1])

    with pytest.raises(SchemaOutdated, match=r"is empty.*needs hub_0002.*`bus db migrate --config"):
        require_head(empty, "hub")
    assert inspect(empty).get_table_names() == []


def test_a_store_over_an_empty_database_names_the_remedy(empty: Engine) -> None:
    with pytest.raises(SchemaOutdated, match="`bus db migrate --config"):
        SqlHubStore(empty, PARTITIONS).catalogue_version()


def test_a_database_from_a_newer_version_is_refused(empty: Engine) -> None:
    migrate(empty, "edge")
    with writing(empty) as connection:
        connection.execute(text("UPDATE edge_version SET version_num = 'edge_0999'"))

    with pytest.raises(SchemaOutdated, match="newer version"):
        require_head(empty, "edge")
    with pytest.raises(SchemaOutdated, match="newer version"):
        migrate(empty, "edge")


def test_an_older_database_is_refused_with_both_revisions(empty: Engine) -> None:
    migrate(empty, "hub")
    with writing(empty) as connection:
        connection.execute(text("DELETE FROM hub_version"))

    with pytest.raises(SchemaOutdated) as told:
        require_head(empty, "hub")

    assert told.value.facts == {"current": None, "head": REVISIONS["hub"][-1]}


def test_hub_and_edge_never_share_a_database(empty: Engine) -> None:
    migrate(empty, "hub")
    before = sorted(inspect(empty).get_table_names())

    with pytest.raises(SettingInvalid, match="a database of its own"):
        migrate(empty, "edge")

    assert sorted(inspect(empty).get_table_names()) == before


def test_a_migration_that_fails_leaves_nothing(empty: Engine) -> None:
    """All or nothing, on SQLite too: a table in the way of the last one."""
    with writing(empty) as connection:
        connection.execute(text("CREATE TABLE contact (agency text)"))

    with pytest.raises(OperatorMustAct):
        migrate(empty, "hub")

    assert inspect(empty).get_table_names() == ["contact"]


def test_two_migrations_at_once_apply_each_revision_once(empty: Engine) -> None:
    with ThreadPoolExecutor() as threads:
        applied = list(threads.map(lambda _: migrate(empty, "hub"), range(2)))

    assert sorted(applied) == [[], REVISIONS["hub"]]


def test_a_database_in_memory_is_migrated_too() -> None:
    engine = open_engine("sqlite://")

    migrate(engine, "hub")

    require_head(engine, "hub")
    engine.dispose()


# --- from one released revision to the next ---------------------------------------------------


def test_hand_offs_under_way_are_looked_at_after_the_migration_and_the_settled_are_not(
    empty: Engine,
) -> None:
    """Else what was stuck before the upgrade would never be alarmed."""
    migrate_to(empty, "hub", "hub_0001")
    with writing(empty) as connection:
        for number, state in enumerate(("sent", "parked", "imported")):
            connection.execute(text(_OLD_DELIVERY), {"id": f"{number:032x}", "state": state})
        connection.execute(text("INSERT INTO contact VALUES ('H63.140.05', '2025-03-03 08:00+00')"))

    assert migrate(empty, "hub") == ["hub_0002"]

    with reading(empty) as connection:
        rows = connection.execute(
            text("SELECT state, alarm_at IS NULL, created_at = alarm_at FROM delivery ORDER BY id")
        ).all()
        failures = connection.execute(text("SELECT failures FROM contact")).scalar()
    assert [(state, bool(unset)) for state, unset, _ in rows] == [
        ("sent", False),
        ("parked", False),
        ("imported", True),
    ]
    assert all(same for _, unset, same in rows if not unset)
    assert failures == 0


def test_a_migration_can_be_taken_back_and_done_again(empty: Engine) -> None:
    migrate(empty, "hub")
    with writing(empty) as connection:
        connection.execute(text(_OLD_DELIVERY), {"id": f"{1:032x}", "state": "rerouted"})

    migrate_to(empty, "hub", "hub_0001")

    with reading(empty) as connection:
        assert connection.scalar(text("SELECT state FROM delivery")) == "discarded"
    assert migrate(empty, "hub") == ["hub_0002"]


_OLD_DELIVERY = """
INSERT INTO delivery (id, partition, dossier, agency, type, cause, part, body, jws, state,
                      created_at, failures, published)
VALUES (:id, 0, 'H63.140.05-250303-0001', 'H63.140.05', 'step.requested', 1, 0, '', 'e30..x',
        :state, '2025-03-03 08:00:00+00:00', 0, 1)
"""
