# Suian: every command a newcomer, a developer or CI needs. Each sets up what it needs by itself.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python

# PYTHON=… chooses another interpreter for .venv.
PYTHON ?=
SEARCH := $(PYTHON) python3 python3.13 python3.12 python3.11

.PHONY: help setup packages peers demo-env dev-env demo test bench campaign lint format types lock clean

help: ## show this list
	@echo "make …"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: packages dev-env peers ## everything that demo, test and bench need, in .venv (as root: Debian packages too)

demo: demo-env ## the whole chain on this machine: leak, alarm, horn, plume, console, MQTT (Ctrl-C ends it)
	@$(PY) -m suian demo $(ARGS)

test: lint ## all that CI runs: lint, types, import contracts, tests (ARGS='-k name' picks tests)
	@$(PY) -m pytest -n 2 $(ARGS)

bench: dev-env ## every figure of tests/bench, into build/bench/ (20 minutes)
	@$(PY) -m tests.bench.run $(ARGS)

campaign: dev-env ## the long runs: soaks, kills, synthetic leaks and weeks
	@$(PY) -m tests.bench.run --campaign $(ARGS)

lint: dev-env ## ruff, pyright, import contracts, the front end's types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m pyright
	@.venv/bin/lint-imports
	@$(PY) -m deploy.frontend check

format: dev-env ## put the code in the one form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

lock: dev-env ## bring requirements.lock up to pyproject.toml (ARGS=--upgrade: newest versions)
	@$(PY) -m deploy.lock $(ARGS)

clean: ## take away what was built; .venv stays
	@rm -rf build dist edge/console/static .pytest_cache .ruff_cache .hypothesis .import_linter_cache

demo-env:
	@python=$$($(FIND_PYTHON)) && $$python deploy/environment.py demo

dev-env:
	@python=$$($(FIND_PYTHON)) && $$python deploy/environment.py dev

peers: dev-env
	@$(PY) -m tests.peers.node || echo "setup: tests against another's OPC UA server will skip" >&2

packages:
	@sh deploy/system-packages.sh

# The first of SEARCH that is 3.11-3.13 and has venv and pip; else what is missing, and the remedy.
define FIND_PYTHON
sh deploy/find-python.sh $(SEARCH)
endef
