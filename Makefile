# Tumen. `make` lists the targets. Needed: Python 3.11 or newer and a network for the first run; for `make kafka`
# Java 17 and Maven too. Everything goes to .venv in this folder.

.DEFAULT_GOAL := help
.PHONY: help run test faults soak fuzz check audit kafka eval train bench lock
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# pip's chatter about itself helps nobody
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

# 3.11 first: it is what the locks are made and the tests are run with. `make run PYTHON=/path/to/python` overrules.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run-ready ## the whole stream on the sample articles in seeds/: broker, worker, alerts
	@$(BIN)/tumen run --once

# A process a core, each with a Kafka of its own; but a broker that is given is for one: the tests delete its topics.
TEST_PROCESSES := $(if $(TUMEN_TEST_KAFKA),0,auto)
test: $(VENV)/.dev-ready ## all tests
	@$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --maxprocesses 4 --dist loadfile

faults: $(VENV)/.dev-ready ## kills, stalls, refusals and poison on a real Kafka: the tests that are too long for `make test`
	@$(BIN)/python -m pytest -m faults

# ARTICLES=20000 for a shorter one
ARTICLES ?= 100000
ROUNDS ?= 20

soak: $(VENV)/.run-ready ## the longest ones: rounds of kills with and without Tumen's recovery of tables, then 100,000 articles
	@$(BIN)/python tools/recovery_rounds.py --rounds $(ROUNDS)
	@$(BIN)/python tools/soak.py --articles $(ARTICLES)

# apart from Tumen's environment: it brings a pip of its own
AUDIT := .cache/audit
RUNS ?= 200000
fuzz: $(VENV)/.fuzz-ready ## hostile inputs to decoding and extraction, RUNS of each (200000: about 20 minutes); what it finds is in .cache/fuzz
	@$(BIN)/python -m fuzz.decoding -runs=$(RUNS)
	@$(BIN)/python -m fuzz.extraction -runs=$(RUNS)

check: $(VENV)/.dev-ready ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

audit: $(AUDIT)/.ready ## the locked dependencies against the known vulnerabilities, where the service that knows them is reached
	@$(BIN)/python tools/audit.py $(AUDIT)/bin/pip-audit

kafka: $(VENV)/.run-ready ## a real Apache Kafka on 127.0.0.1:9092, until Ctrl-C (needs Java 17 and Maven)
	@exec $(BIN)/python tools/kafka/launch.py --port 9092

eval: $(VENV)/.run-ready ## how well the labelled articles are read: seeds/, and ../shared/eval where it is
	@$(BIN)/python tools/evaluate.py

train: $(VENV)/.train-ready ## train the models of the extraction anew on training/ and ../shared/eval, and cross-validate
	@$(BIN)/python tools/train.py

bench: $(VENV)/.run-ready ## the measurements in bench/
	@set -e; for measurement in bench/*.py; do $(BIN)/python "$$measurement"; done

UV ?= uv
# no indexes and no machine's settings go into the locks
COMPILE := UV_NO_CONFIG=1 $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

lock: ## resolve the dependencies anew, to requirements*.lock and those of fuzz/ and tools/ (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: python3 -m pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(COMPILE) --extra build pyproject.toml -o requirements.lock
	$(COMPILE) --extra build --extra dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock
	$(COMPILE) --extra build --extra train --constraint requirements.lock pyproject.toml -o requirements-train.lock
	$(COMPILE) fuzz/requirements.in -o fuzz/requirements.lock
	$(COMPILE) tools/audit.in -o tools/audit.lock

# What is installed is known by stamps: a half-made environment has none and is mended; when a lock changes its stamp is old.
$(VENV)/.run-ready: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "installing what Tumen needs (a minute or two the first time)" >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: requirements-dev.lock $(VENV)/.run-ready
	@echo "installing what the tests and checks need" >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.train-ready: requirements-train.lock $(VENV)/.run-ready
	@$(PIP) install --require-hashes -r requirements-train.lock
	@touch $@

$(VENV)/.fuzz-ready: fuzz/requirements.lock $(VENV)/.run-ready
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(AUDIT)/.ready: tools/audit.lock $(VENV)/.run-ready
	@$(BIN)/python -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Tumen needs Python 3.11 or newer, and there is none here as python3 or python3.11:" \
		"$$(python3 --version 2>&1 || true). Install it, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old or none:" \
		"Tumen needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments:" \
		"install its venv package (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@# an environment that works is kept; a broken one, or one of an older Python, is made anew
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@touch $@
