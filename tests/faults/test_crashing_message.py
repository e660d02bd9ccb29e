"""One message makes the hub fail every time it is taken; its neighbours must not suffer."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from bus.errors import UnexpectedFailure
from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, live_province
from tests.support.whole import assert_whole, ledger, outbox_rows

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

_REFUSES_ONE = """
CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE 'this one always fails' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER refuse_one BEFORE INSERT ON ledger FOR EACH ROW
  WHEN (NEW.id = '{}') EXECUTE FUNCTION refuse_one();
"""
"""What a worker meets that nobody foresaw, provoked from outside: the row cannot be written."""


def test_a_message_that_always_fails_is_kept_as_evidence_and_the_others_go_on(
    servers: Servers, tmp_path: Path
) -> None:
    with live_province(servers.roads, tmp_path) as province:
        province.submit(8)
        province.wait("all is sent", lambda: len(_sent(province)) == 8)
        poison, *others = _sent(province)
        with psycopg.connect(servers.database_url, autocommit=True) as database:
            database.execute(_REFUSES_ONE.format(poison))

            province.hub.start()
            province.wait("it is kept", lambda: len(province.queries.evidence()) > 0)
            province.wait("the others are taken", lambda: _taken(province) >= {*others})
            failed = province.hub.logged
            province.wait("it came again", lambda: len(failed("ingress.poison")) >= 2)

            (kept,) = province.queries.evidence()
            assert (kept.message_id, kept.code) == (str(poison), UnexpectedFailure.code)
            assert poison not in _taken(province)
            assert {line["message_id"] for line in failed("ingress.poison")} == {str(poison)}
            assert len(failed("ingress.poison")) < 20, "its sender sends it, later each time"
            assert province.hub.logged("worker.unfit") == []
            province.wait("it is ready all the same", province.hub.ready)
            database.execute("DROP TRIGGER refuse_one ON ledger")

        assert_whole(province, kept=[UnexpectedFailure.code])
        assert province.hub.stop() == 0


def _sent(province: LiveProvince) -> list[UUID]:
    return [row.id for row in outbox_rows(province) if row.published]


def _taken(province: LiveProvince) -> set[UUID]:
    return {entry.id for entry in ledger(province)}
