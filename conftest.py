"""Fixtures every test may ask for."""

import gc

gc.set_threshold(50_000, 20, 20)  # thousands of tests stay in memory: a look at all costs much

pytest_plugins = [
    "tests.support.fixtures_storage",
    "tests.support.fixtures_broker",
    "tests.support.fixtures_servers",
    "tests.support.fixtures_cli",
    "tests.support.fixtures_faults",
    "tests.support.fixtures_storm",
    "tests.support.fixtures_printing",
]
