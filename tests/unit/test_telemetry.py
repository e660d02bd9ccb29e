"""What operators see: log lines without content, and a health page that tells the truth."""

import http.client
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from bus.errors import SettingInvalid
from bus.telemetry.health import Check, Health, HealthServer
from bus.telemetry.log import redact, without_password

NOW = datetime(2025, 3, 3, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

WRITES_LINES = """
import logging, sys, structlog
from bus.telemetry.log import configure_logging
configure_logging(json={json}, level="info")
log = structlog.get_logger("bus.test")
log.debug("too.quiet")
log.info("dossier.taken", dossier="H63-250303-0001", body=b"secret", url="amqp://u:hunter2@h/")
logging.getLogger("pika").info("chatter")
try:
    raise ValueError("hunter2")
except ValueError:
    log.exception("worker.failed")
    logging.getLogger("pika").exception("pika says it too")
    logging.getLogger("kombu").exception("cannot reach amqp://u:hunter2@h/")
"""


def lines_of(*, as_json: bool) -> list[str]:
    """Run in a process of its own: logging is configured once for a whole process."""
    done = subprocess.run(
        [sys.executable, "-c", WRITES_LINES.format(json=as_json)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_lines_for_machines_are_one_object_each_without_content_or_secrets() -> None:
    lines = [json.loads(line) for line in lines_of(as_json=True)]

    assert [{k: v for k, v in line.items() if k != "timestamp"} for line in lines] == [
        {
            "event": "dossier.taken",
            "level": "info",
            "dossier": "H63-250303-0001",
            "body": "***",
            "url": "amqp://u:***@h/",
        },
        {
            "event": "worker.failed",
            "level": "error",
            "error": "ValueError",
            "where": "__main__:10",
        },
        {
            "event": "cannot reach amqp://u:***@h/",
            "level": "error",
            "logger": "kombu",
            "error": "ValueError",
            "where": "__main__:10",
        },
    ]


def test_lines_for_people_carry_no_traceback_secret_or_colour_codes() -> None:
    text = "\n".join(lines_of(as_json=False))

    assert "dossier.taken" in text
    assert "hunter2" not in text
    assert "Traceback" not in text
    assert "\x1b[" not in text


@pytest.mark.parametrize(
    "key", ["body", "data", "password", "token", "owner", "identity", "private_key", "jws"]
)
def test_values_that_may_be_content_or_secrets_are_removed(key: str) -> None:
    assert redact(None, "info", {"event": "x", key: "Hoàng Thị Mẫu"}) == {"event": "x", key: "***"}


def test_what_is_nested_is_removed_too_and_the_callers_dict_stays() -> None:
    facts = {"password": "hunter2", "count": 3}

    line = redact(None, "info", {"event": "x", "settings": facts})

    assert line["settings"] == {"password": "***", "count": 3}
    assert facts["password"] == "hunter2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("amqp://hub:hunter2@host:5672/v", "amqp://hub:***@host:5672/v"),
        ("amqp://:hunter2@host", "amqp://:***@host"),
        ("postgresql+psycopg://a:p@ss@db/x", "postgresql+psycopg://a:***@db/x"),
        ("https://host:5672/path", "https://host:5672/path"),
        ("two: amqp://a:b@c and http://d:e@f", "two: amqp://a:***@c and http://d:***@f"),
    ],
)
def test_passwords_in_urls_are_removed(text: str, shown: str) -> None:
    assert without_password(text) == shown


def test_ids_counts_and_states_stay() -> None:
    line = {"event": "delivery.settled", "dossier": "H63-250303-0001", "attempt": 3, "key": "a:2"}

    assert redact(None, "info", dict(line)) == line


def test_starting_up_does_not_pay_for_the_logging_library() -> None:
    code = "import sys, bus.telemetry.log; sys.exit('structlog' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- health ----------------------------------------------------------------------------------


def get(port: int, page: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_node_is_not_ready_before_what_it_needs_was_seen() -> None:
    health = Health(["broker", "database"])
    health.well("broker", NOW)

    assert not health.ready()
    assert health.report()["missing"] == ["database"]

    health.well("database", NOW)
    assert health.ready()


def test_since_is_when_it_began_and_not_when_it_was_last_said() -> None:
    health = Health()
    health.well("broker", NOW)
    health.well("broker", LATER)
    assert health.checks() == {"broker": Check(ok=True, since=NOW)}

    health.ill("broker", "broker.unavailable", LATER)
    health.ill("broker", "broker.unavailable", LATER + timedelta(minutes=1))

    assert health.checks()["broker"].since == LATER
    assert not health.ready()


def test_the_last_error_stays_to_be_seen_after_it_healed() -> None:
    health = Health()
    health.ill("broker", "broker.unavailable", NOW)

    health.well("broker", LATER)

    assert health.checks()["broker"] == Check(
        ok=True, since=LATER, last_error="broker.unavailable", last_error_at=NOW
    )


def test_the_pages_say_live_and_ready() -> None:
    health = Health(["broker"])
    with HealthServer(health) as server:
        assert get(server.port, "/livez") == (200, {"live": True})
        status, report = get(server.port, "/readyz")
        assert (status, report["ready"], report["missing"]) == (503, False, ["broker"])

        health.well("broker", NOW)

        status, report = get(server.port, "/readyz")
        assert (status, report["ready"]) == (200, True)
        assert get(server.port, "/")[0] == 404


def test_a_port_that_is_taken_is_said_in_both_languages() -> None:
    with (
        HealthServer(Health()) as server,
        pytest.raises(SettingInvalid, match=r"health\.listen: không mở được .* / .* cannot listen"),
    ):
        HealthServer(Health(), port=server.port)


def test_a_server_may_be_closed_twice() -> None:
    server = HealthServer(Health())

    server.close()
    server.close()
