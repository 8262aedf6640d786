# Two commands: `make run` shows it, `make test` checks it. Both need only Python 3.11+, make and the registries.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help run test bench clean browser

help:
	@echo "make run    install into .venv and start the demo: http://127.0.0.1:8750/"
	@echo "make test   install what tests need and run every check"
	@echo "make bench  print the tables of docs/benchmarks.md (one of them takes ten minutes)"

run: $(VENV)/installed
	$(BIN)/reverie demo

test: $(VENV)/installed-test browser
	$(BIN)/ruff format --check src tests bench tools
	$(BIN)/ruff check src tests bench tools
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: $(VENV)/installed-test browser
	for script in bench/[a-z]*.py; do case $$script in bench/table.py) ;; *) $(BIN)/python $$script;; esac; done

# A browser that plays H.264 is checked, installed where it may be, and asked for where it may not.
browser: $(VENV)/installed-test
	$(BIN)/python tests/browser/ensure.py

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --group test
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
