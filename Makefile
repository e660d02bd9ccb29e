# The only door. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_CLIENT := tests/e2e/node_client
PYTEST := $(BIN)/python -m pytest
DOSSIERS ?= 60
SEED ?= 7
REPEAT ?= 1
JOBS ?= $(shell nproc)
PARTS := test-faults test-storms test-servers test-unit test-properties
TWO_AT_A_TIME = $(MAKE) --no-print-directory --keep-going -j2 --output-sync=recurse

.PHONY: help venv dev servers demo test test-fast test-all test-cost test-unit test-properties test-servers test-storms test-faults faults faults-odd faults-even backlog soak check lint types imports bench bench-smoke lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

venv: $(VENV)/.runtime ## Set up what the product needs (a virtual environment); idempotent

dev: $(VENV)/.dev ## Set up what the tests need besides

demo: venv ## Watch a province's linked procedures run, embedded: no server needed
	@$(BIN)/bus demo --dossiers $(DOSSIERS) --seed $(SEED)

test: dev servers check test-cost ## Everything: lint, types, imports, every test, benchmarks in small
	@+$(TWO_AT_A_TIME) $(PARTS) bench-smoke

test-fast: dev ## The tests that need no server, with few examples of each property (under a minute)
	HYPOTHESIS_PROFILE=fast $(PYTEST) tests/unit tests/property tests/architecture -q

soak: venv ## Storm after storm from ever new seeds, until stopped (JOBS processes; SEED begins)
	$(BIN)/bus simulate --runs 0 --seed $(SEED) --faults heavy --jobs $(JOBS)

check: lint types imports ## Lint, types and import contracts

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy

imports: dev
	$(BIN)/lint-imports

test-all: dev servers test-cost ## Every test, in five parts of which two run side by side, the longest first
	@+$(TWO_AT_A_TIME) $(PARTS)

test-cost: dev
	$(PYTEST) tests/unit -q -m cost

test-unit: dev servers
	$(PYTEST) tests/unit -m 'not cost' --cov --cov-report=
	$(BIN)/python -m coverage report --include='bus/schemas/*,bus/routing/*' --fail-under=100 --skip-covered

test-properties: dev servers
	$(PYTEST) tests/property tests/architecture

test-servers: dev servers
	$(PYTEST) tests/contract tests/integration tests/e2e

test-storms: dev servers
	$(PYTEST) tests/simulation

test-faults: dev servers
	$(PYTEST) tests/faults

faults: dev servers ## Real harm to real servers, each named failure; REPEAT=3 runs all of it three times
	@for turn in $$(seq $(REPEAT)); do \
		$(MAKE) --no-print-directory -j2 --output-sync=recurse faults-odd faults-even || exit 1; \
	done

faults-odd faults-even: dev servers
	$(PYTEST) -q $(shell ls tests/faults/test_*.py | awk 'NR % 2 == $(if $(findstring odd,$@),1,0)')

backlog: dev servers ## A backlog of 100,000 messages: how much memory hub and edge take
	BACKLOG=100000 $(PYTEST) tests/faults/test_backpressure.py -q --log-cli-level=WARNING

bench: dev servers $(VENV)/.bench ## Measure the hop, beside its rivals, on private servers
	$(BIN)/python -m benchmarks.handoff --rivals dramatiq
	$(BIN)/python -m benchmarks.recovery

bench-smoke: dev servers ## The same in small, so that it cannot rot
	$(BIN)/python -m benchmarks.handoff --smoke
	$(BIN)/python -m benchmarks.recovery --smoke

servers: ## RabbitMQ, PostgreSQL and Node.js, from the distribution where missing
	@deploy/dev/servers.sh $(NODE_CLIENT)

lock: ## Write the locked requirements anew (versions and hashes, no addresses)
	@deploy/dev/lock.sh $(PYTHON)

clean: ## Remove what was set up and measured
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage $(NODE_CLIENT)/node_modules

$(VENV)/bin/python:
	@deploy/dev/venv.sh $(PYTHON) $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@
