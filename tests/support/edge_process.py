"""An edge node for all agencies as a process that can be killed: `python -m` this, with a folder.

What it serves stays in the test: `tests.support.remote_systems`.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bus.bootstrap import SystemClock
from bus.crypto.keys import load_signer
from bus.ids import AgencyCode
from bus.schemas.province import Province
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.telemetry.log import configure_logging
from bus.workers.loop import Loop
from tests.support.edges import Edges, edge_tasks
from tests.support.live_province import LiveProvince
from tests.support.node_process import SHIFT_DAYS, NodeProcess
from tests.support.remote_systems import RemoteSystem, served

_FACTS = "edge.json"
_PROVINCE = "province.json"


@contextmanager
def edge_process(province: LiveProvince, imported: Callable[[], None]) -> Iterator[NodeProcess]:
    """Give the edges of a province as one process, not started; it is stopped at the end.

    `imported` is called when an agency's system has a hand-over and has not answered yet.
    """
    folder = province.folder
    facts = {
        "amqp": province.roads.edge_amqp or province.roads.amqp,
        "account": province.roads.account,
        "database": province.edge_engine.url.render_as_string(),
        "hub": province.published.hub,
        "keys": {code: str(province.published.write_key(code, folder)) for code in province.legacy},
    }
    (folder / _FACTS).write_text(json.dumps(facts))
    (folder / _PROVINCE).write_text(province.published.province.model_dump_json())
    process = NodeProcess((str(folder),), folder / "edge.log", program=__name__)
    with served(province.legacy, folder, imported):
        try:
            yield process
        finally:
            process.stop()


def main(folder: Path) -> None:
    """Run the node until a signal says stop."""
    configure_logging(json=True, level="info")
    facts = json.loads((folder / _FACTS).read_text())
    keys = {AgencyCode(code): Path(file) for code, file in facts["keys"].items()}
    with ExitStack() as stack:
        engine = open_engine(facts["database"])
        stack.callback(engine.dispose)
        edges = Edges(
            amqp=facts["amqp"],
            account=facts["account"],
            store=SqlEdgeStore(engine),
            province=Province.model_validate_json((folder / _PROVINCE).read_text()),
            hub=AgencyCode(facts["hub"]),
            signers={code: load_signer(file) for code, file in keys.items()},
            systems={code: RemoteSystem(folder, code) for code in keys},
            clock=SystemClock(SHIFT_DAYS),
        )
        loop = Loop(edge_tasks(edges, stack, look=0.1), lambda _name, _error: None)
        loop.stop_on_signals()
        loop.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
