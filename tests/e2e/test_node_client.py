"""A client that is not ours, in another language, submits a dossier and reads its receipt.

It has an account of its own with an agency's permissions, and knows only what docs/ and the
exported documents say.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc.jwk import ECKey

from bus.bootstrap import SystemClock
from bus.broker.apply import apply
from bus.broker.management import apply_permissions
from bus.broker.topology import topology_of
from bus.ids import DossierCode, slug
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from bus.storage.queries import HubQueries
from tests.support.live_province import hub_config
from tests.support.node_process import SHIFT_DAYS, HubProcess
from tests.support.published import PARTITIONS, Published, with_keys
from tests.support.rabbitmq import RabbitNode
from tests.support.walking import GIA_HOI, MONDAY, commune_unit

CLIENT: Final = Path(__file__).parent / "node_client"
UNIT: Final = commune_unit()
DOSSIER: Final = DossierCode(f"{UNIT}-250303-0001")
PASSWORD: Final = "mat-khau"

pytestmark = [
    pytest.mark.node,
    pytest.mark.broker,
    pytest.mark.database,
    pytest.mark.timeout(180),
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed"),
]


def submit(request: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", "submit.mjs"],
        cwd=CLIENT,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def test_a_node_client_submits_a_signed_dossier_and_reads_its_receipt(
    rabbitmq: RabbitNode, own_database: str, tmp_path: Path
) -> None:
    published = with_keys(account=None)
    hub, vhost = start_hub(published, rabbitmq, own_database, tmp_path)
    export(tmp_path / "schemas")
    request = a_request(
        published, rabbitmq.url(vhost, user=slug(UNIT), password=PASSWORD), tmp_path
    )
    try:
        hub.start()

        done = submit(request)

        assert done.returncode == 0, done.stderr + hub.log.read_text()[-2000:]
        receipt = json.loads(done.stdout)["receipt"]
        assert receipt["type"] == "message.accepted"
        assert receipt["data"]["dossier"] == DOSSIER
        engine = open_engine(own_database)
        entry, *_ = HubQueries(engine).entries_of([DOSSIER])
        engine.dispose()
        assert receipt["data"]["ledger"]["hash"] == entry.hash
    finally:
        hub.stop()


def start_hub(
    published: Published, rabbitmq: RabbitNode, database: str, folder: Path
) -> tuple[HubProcess, str]:
    """Publish, apply topology and permissions for the hub and one commune."""
    engine = open_engine(database)
    migrate(engine, "hub")
    store = SqlHubStore(engine, PARTITIONS)
    store.prepare()
    store.publish(published.province, at=MONDAY, actor="test", reason="test")
    engine.dispose()
    entries = [
        entry
        for entry in published.province.directory.agencies
        if entry.code in {published.hub, UNIT}
    ]
    vhost = f"node-{os.getpid()}"
    topology = topology_of(entries, PARTITIONS, vhost)
    apply_permissions(rabbitmq.management_url, topology, dict.fromkeys(topology.accounts, PASSWORD))
    rabbitmq.rabbitmqctl("set_permissions", "-p", vhost, rabbitmq.admin, ".*", ".*", ".*")
    apply(rabbitmq.url(vhost), topology)
    amqp = rabbitmq.url(vhost, user=slug(published.hub), password=PASSWORD)
    config = hub_config(folder, amqp, database, published)
    return HubProcess(config, folder / "hub.log"), vhost


def export(folder: Path) -> None:
    command = [sys.executable, "-m", "bus", "schema", "export", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def a_request(published: Published, url: str, folder: Path) -> dict[str, Any]:
    """Return what the client is told: its key, the hub's public key, and the dossier."""
    hub_key = next(k for k in published.province.directory.keys if k.agency == published.hub)
    private = ECKey.import_key(published.pems[UNIT].decode()).as_dict(private=True)
    accepted = SystemClock(SHIFT_DAYS).now() - timedelta(minutes=1)
    moment = accepted.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "url": url,
        "partitions": PARTITIONS,
        "key": {"kid": published.kids[UNIT], "jwk": private, "alg": "ES256"},
        "hubKeys": [hub_key.jwk | {"kid": hub_key.kid, "alg": "ES256"}],
        "schemas": str(folder / "schemas"),
        "message": {
            "type": "dossier.submitted",
            "source": UNIT,
            "subject": DOSSIER,
            "sequence": "0000000001",
            "data": {
                "procedure": "1.001731",
                "channel": "direct",
                "area": GIA_HOI,
                "title": "Hỗ trợ chi phí mai táng",
                "owner": {"kind": "citizen", "name": "Nguyễn Thị Thử"},
                "components": [],
                "facts": {},
                "form": {},
                "submitted_at": moment,
                "accepted_at": moment,
            },
        },
    }
