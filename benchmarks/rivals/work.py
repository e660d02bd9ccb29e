"""The work every rival does, in one place: read, validate, insert, hand on.

The message is the body of a `dossier.submitted` as the hub gets it, handed over as text. Nothing is
signed, routed or answered: this is less than the hub does.
"""

import os
from typing import Final

from pydantic import BaseModel, ConfigDict

AMQP: Final = "BENCH_AMQP"
DATABASE: Final = "BENCH_DATABASE"
TABLE: Final = "rival_ledger"

CREATE: Final = (
    f"CREATE TABLE {TABLE}"
    " (position bigserial PRIMARY KEY, id uuid UNIQUE, dossier text, body text)"
)
INSERT: Final = (
    f"INSERT INTO {TABLE} (id, dossier, body) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)


class Paper(BaseModel):
    """One paper of a dossier."""

    code: str
    name: str
    kind: str
    quantity: int
    documents: list[dict[str, str | int]]


class Content(BaseModel):
    """What a dossier holds."""

    model_config = ConfigDict(extra="allow")

    procedure: str
    title: str
    owner: dict[str, str]
    components: list[Paper]
    facts: dict[str, str | bool | int]
    form: dict[str, str]


class Submitted(BaseModel):
    """The message, as a program without a bus would read it."""

    model_config = ConfigDict(extra="allow")

    id: str
    source: str
    subject: str
    sequence: str
    data: Content


def amqp() -> str:
    """Return the broker's URL, which the benchmark put into the environment."""
    return os.environ[AMQP]


def database() -> str:
    """Return the database's URL."""
    return os.environ[DATABASE]
