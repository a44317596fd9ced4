# What you need: make, and Python 3.10 or later. Everything else goes into .venv/.
#
#   make demo     train a small model in a notebook, record it, show the run
#   make test     run all tests
#   make test-versions  run the tests of kernels with the oldest and the newest one
#   make test-kills  kill 100 kernels at random moments
#   make lint     style, format, types and the floor plan of the imports
#   make bench    measure nbtracker beside other trackers
#
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
# Relative on purpose: these paths stay free of blanks wherever the project lies.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STORE := $(CURDIR)/.nbtracker

.DEFAULT_GOAL := help
.PHONY: help demo test test-versions test-kills lint bench notebooks clean distclean

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

demo: $(VENV)/.demo
	@NBTRACKER_DIR="$(STORE)" $(BIN)/python notebooks/demo.py

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q

test-versions: $(VENV)/.dev
	$(BIN)/python tests/notebook/versions.py

test-kills: $(VENV)/.dev
	NBTRACKER_KILLS=100 $(BIN)/python -m pytest -q tests/notebook/test_kills.py

lint: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

# Executes the notebooks again and saves their outputs.
notebooks: $(VENV)/.demo
	@$(BIN)/python notebooks/demo.py --save

clean:
	rm -rf build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find nbtracker tests notebooks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# A stamp says which extras are installed; a changed pyproject.toml installs them again.
$(VENV)/.made:
	@if ! command -v $(PYTHON) >/dev/null; then found="not there"; \
	elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then \
	  found=$$($(PYTHON) --version 2>&1); \
	else exit 0; fi; \
	echo "nbtracker needs Python 3.10 or later, and $(PYTHON) is $$found." >&2; \
	echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	@echo "Installing nbtracker and what the notebook needs into $(VENV) (once) ..."
	@$(PIP) --editable '.[demo,pandas]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@echo "Installing nbtracker and its development tools into $(VENV) (once) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml
	@echo "Installing nbtracker and the trackers it is measured beside into $(VENV) (once) ..."
	@$(PIP) --editable '.[dev,bench]'
	@touch $@
