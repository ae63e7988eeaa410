SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs peers clean

VENV := .venv
BIN := $(VENV)/bin
# the first of these that runs and is new enough; name another with `make PYTHON=...`
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# -qq: errors only
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/.demo ## install what the demo needs into .venv and run it
	$(BIN)/penchant demo $(ARGS)

# the whole suite on several cores; narrowed, one after the other, so that -s prints as it goes
test: $(VENV)/.dev ## run every test, doctest and documented example (ARGS="-k name" narrows it)
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),--numprocesses auto --maxprocesses 4 --dist loadfile)

lint: $(VENV)/.dev ## check style, format, types and the order of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(VENV)/.dev ## format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

docs: $(VENV)/.dev ## build the documentation into site/
	$(BIN)/mkdocs build --strict

peers: .venv-peers/.peers ## make .venv-peers, where the benchmarks' peers run (RecTools, RecBole, VW, River; PyTorch among them)

clean: ## remove the environment, caches and built files
	rm -rf $(VENV) build dist site .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "penchant needs Python 3.11 or newer with its venv module; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# a stamp says that its extras are installed; it is renewed when what they are declared in changes
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing penchant and what the demo needs"
	@$(INSTALL) --editable '.[demo,plot]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing penchant and the development tools (some minutes the first time: PyTorch is among them)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.demo

# apart from penchant's own, for several of the peers need numpy < 2 (and with it Python 3.11 or 3.12)
.venv-peers/.peers: benchmarks/peers/requirements.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@echo "installing the benchmarks' peers (a minute or some: PyTorch is among them)"
	@.venv-peers/bin/python -m pip install -qq --disable-pip-version-check --requirement benchmarks/peers/requirements.txt
	@touch $@
