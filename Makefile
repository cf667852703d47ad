# From a fresh machine with Python 3.11 or newer and make:
#   make run        opens the studio
#   make test       runs every check and every test
#   make coverage   runs every test and shows which lines none has run
#   make test-cuda  runs the tests that need a GPU, with the Python that is there and little installed
#   make monkey     uses the window at random for 20 minutes; SEED=7 MINUTES=5 for others

PYTHON ?= python3
BIN := .venv/bin
SEED ?= 1
MINUTES ?= 20

FIVE_MINUTES := $(shell command -v timeout >/dev/null && echo timeout 300)

# One test more than there are processors, for many wait for a sound or a thread; more than some of them find no more to
# share. A single test is best run as `pytest FILE -k NAME`, in one process, where the debugger and -s work.
PROCESSORS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PYTEST := $(BIN)/python -m pytest --numprocesses $(shell expr $(PROCESSORS) + 1) --maxprocesses 8 --dist worksteal

# Many processes of the tests import the same files: what one has compiled is kept for the others.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test tests test-cuda coverage monkey check setup clean
.DEFAULT_GOAL := run

run: setup
	@$(BIN)/python -m studio.firstrun

# The checks take one processor for a minute, which the tests do not need all the time.
test: setup
	@$(MAKE) --no-print-directory --jobs 2 check tests

tests: setup
	@$(PYTEST)

# Installs nothing: torch, numpy, safetensors, lightning-fabric, numba and pytest are enough.
test-cuda:
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(FIVE_MINUTES) $(firstword $(wildcard $(BIN)/python) $(PYTHON)) -m pytest \
		-c tests/cuda.ini --rootdir . --quiet $$(grep -rl --include='test_*.py' 'mark\.cuda' tests)

coverage: setup
	@$(PYTEST) --cov --cov-report term-missing:skip-covered

monkey: setup
	@$(BIN)/python -m tests.monkey --strict --seed $(SEED) --minutes $(MINUTES)

check: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >.venv/lint-imports.log 2>&1 || { cat .venv/lint-imports.log; exit 1; }

setup: .venv/.installed

.venv/.installed: pyproject.toml .ci/constraints.txt .venv/.system-libraries
	@echo "Installing the studio and its libraries into .venv; the first time this takes some minutes."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[test]'
	@touch $@

.venv/.system-libraries: .ci/system-libraries
	@PYTHON="$(PYTHON)" .ci/system-libraries
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "The studio needs Python 3.11 or newer; name one with 'make PYTHON=python3.12'." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@touch $@

clean:
	rm -rf .venv build dist out
