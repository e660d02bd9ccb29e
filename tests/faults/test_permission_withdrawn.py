"""An account loses what it may do, while it is used, and gets it back."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bus.errors import BrokerUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import Roads, live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
WITHDRAWN_AT = 60
WITHDRAWN = 4.0
"""Seconds without permission: the hub is turned away, again and again."""
_MAY = {"configure": "^$", "write": ".*", "read": ".*"}


@dataclass(frozen=True)
class Account:
    """An account of the hub's own, on a virtual host."""

    servers: Servers
    name: str
    password: str

    @property
    def roads(self) -> Roads:
        """The ways, where the hub goes by its own account."""
        url = self.servers.broker.url(self.servers.vhost, user=self.name, password=self.password)
        return replace(self.servers.roads, hub_amqp=url)

    def permit(self) -> None:
        self.servers.management.put("permissions", self.servers.vhost, self.name, body=_MAY)

    def withdraw(self) -> None:
        """As an administrator does: whoever is inside by that account is shown out.

        Else the broker would remember for a while what the account may do.
        """
        self.servers.management.delete("permissions", self.servers.vhost, self.name)
        self.servers.broker.rabbitmqctl("close_all_user_connections", self.name, "withdrawn")


@pytest.fixture
def account(servers: Servers) -> Iterator[Account]:
    """The hub's account, permitted."""
    one = Account(servers, f"hub-{secrets.token_hex(4)}", secrets.token_hex(8))
    servers.management.put("users", one.name, body={"password": one.password, "tags": ""})
    one.permit()
    yield one
    servers.management.delete("users", one.name)


def test_a_withdrawn_permission_is_named_and_its_return_is_noticed(
    account: Account, tmp_path: Path
) -> None:
    with live_province(account.roads, tmp_path) as province:
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(WITHDRAWN_AT)

        account.withdraw()
        assert_bounded(
            province, BrokerUnavailable.code, WITHDRAWN, workers=("ingress", "clock", "dead")
        )
        said = province.hub.readiness()["checks"]["ingress"]["last_error"]
        account.permit()

        assert account.name in said
        assert "`bus broker apply`" in said
        assert_over(province)
        assert_whole(province)
