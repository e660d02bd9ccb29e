"""Whether the figures count: everything is there exactly once, and the ledger holds."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from benchmarks.machinery.hop import Seen
from bus.ports import DeliveryState, EntryKind, Outgoing, Verdict
from bus.storage.engine import reading
from bus.storage.hub import SqlHubStore
from bus.storage.hub_tables import delivery, evidence, inbox, ledger
from bus.storage.queries import HubQueries
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify


def expected_outgoing(engine: Engine) -> int:
    """Return how many messages the hub says it published: receipts and deliveries."""
    with reading(engine) as connection:
        receipts = connection.scalar(
            select(func.count()).select_from(inbox).where(inbox.c.verdict == Verdict.ACCEPTED)
        )
        deliveries = connection.scalar(select(func.coalesce(func.sum(delivery.c.published), 0)))
    return (receipts or 0) + int(deliveries or 0)


def faults(
    engine: Engine, store: SqlHubStore, messages: Sequence[Outgoing], seen: Seen
) -> list[str]:
    """Return what is not as it must be; empty where the figures count."""
    wanted = Counter(message.message_id for message in messages)
    found = ledger_faults(engine, store, messages)
    sent = sent_deliveries(engine)
    if Counter(seen.accepted) != wanted:
        found.append(f"{len(seen.accepted)} receipts say accepted for {len(messages)} messages")
    published = Counter(seen.ids)
    missing = sum(published[id_] != 1 for id_ in sent)
    if missing:
        found.append(f"{missing} of {len(sent)} deliveries did not come out exactly once")
    extra = len(seen.ids) - len(sent) - len(seen.accepted)
    if extra:
        found.append(f"{extra} messages came out that are neither receipt nor delivery sent")
    return found


def sent_deliveries(engine: Engine) -> list[str]:
    """Return the id of every delivery the hub has sent."""
    query = select(delivery.c.id).where(delivery.c.state == DeliveryState.SENT)
    with reading(engine) as connection:
        return [str(id_) for id_ in connection.scalars(query)]


def ledger_faults(engine: Engine, store: SqlHubStore, messages: Sequence[Outgoing]) -> list[str]:
    """Return what is not as it must be in the ledger: each message once, chain and fold hold."""
    wanted = Counter(message.message_id for message in messages)
    found: list[str] = []
    with reading(engine) as connection:
        entries = connection.scalars(
            select(ledger.c.id).where(ledger.c.kind == EntryKind.MESSAGE)
        ).all()
        refused = connection.scalar(select(func.count()).select_from(evidence)) or 0
    if Counter(map(str, entries)) != wanted:
        found.append(f"the ledger has {len(entries)} messages of {len(messages)}, each once")
    if refused:
        found.append(f"{refused} messages were refused")
    found.extend(verify(HubQueries(engine), Catalogues(store)).faults)
    return found
