"""Fixtures every test may ask for."""

pytest_plugins = [
    "tests.support.fixtures_storage",
    "tests.support.fixtures_broker",
    "tests.support.fixtures_servers",
    "tests.support.fixtures_cli",
    "tests.support.fixtures_faults",
    "tests.support.fixtures_storm",
    "tests.support.fixtures_printing",
]
