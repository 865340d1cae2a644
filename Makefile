# banjie: make run | test | check | bench | setup | clean

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python that is new enough; when none is, the set-up says so in a sentence.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
BIN := .venv/bin
ARGS ?=

.PHONY: help run setup test test-setup check bench clean

help:
	@echo "make run      start banjie with demo data on http://127.0.0.1:8000 (BANJIE_PORT chooses another port)"
	@echo "make test     all tests; ARGS='-k worklist' passes options to pytest"
	@echo "make check    lint, types, layers, content"
	@echo "make bench    measure this machine and this release"
	@echo "make setup    only make .venv and the front end"
	@echo "make clean    remove what was made here, except your data in var/"

setup:
	@command -v $(PYTHON) >/dev/null || { echo "setup: Python 3.11 or newer is needed (apt-get install python3)." >&2; exit 1; }
	@$(PYTHON) server/make_env.py

run: setup
	@exec $(BIN)/banjie up $(ARGS)

# Chromium and Chinese fonts for the browser tests; without them those tests are skipped and counted.
test-setup: setup
	@$(PYTHON) tests/support/browser_setup.py

test: test-setup
	@mkdir -p build
	@$(BIN)/pytest --junit-xml=build/tests.xml $(ARGS)

check: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/banjie check

bench: setup
	@mkdir -p build
	@$(BIN)/python tests/bench/run.py

clean:
	@rm -rf .venv build dist server/frontend/node_modules server/banjie/web/static/dist
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find bpmn forms policy server tests -name __pycache__ -prune -exec rm -rf {} +
