# `make demo` and `make test` need Python 3.11, make and git, and nothing else.

PYTHON ?= $(or $(shell command -v python3.11),python3)
BIN := .venv/bin
UV := $(shell command -v uv)
TESTS ?= tests
WORKERS ?= 3

# What is started again and again is compiled once, and kept in our own folder.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

ifdef UV
CREATE = $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
CREATE = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --quiet --extra build

.PHONY: demo test lint format bench bench-large storm pins clean

demo: .venv/installed
	@$(BIN)/loyalty demo

test: lint
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(TESTS)

lint: .venv/installed-dev
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .venv/imports.log || (cat .venv/imports.log; exit 1)

format: .venv/installed-dev
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: .venv/installed-dev
	@$(BIN)/python -m tests.bench $(ARGS)

# A million members and ten million postings: an hour, and 20 GB of the temporary folder. With ARGS="--keep FOLDER" they
# stay in that folder, and the next run takes them from there.
bench-large: .venv/installed-dev
	@$(BIN)/python -m tests.bench.large $(ARGS)

# Every storm, model and search for hostile input at its full count, with a table of figures at the end: some hours.
storm: .venv/installed-dev
	@LOYALTY_STORM=long LOYALTY_HYPOTHESIS=long $(BIN)/python -m pytest -q -n0 --timeout 14400 \
		$(shell grep -rlE 'LOYALTY_(STORM|HYPOTHESIS)' --include='test_*.py' tests)

# Exact versions with hashes, and no address of a registry.
pins:
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra dev -o requirements-dev.txt

clean:
	rm -rf .venv .data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

.venv/installed: requirements.txt pyproject.toml
	@echo "Installing into .venv ..."
	@$(CREATE)
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: requirements-dev.txt pyproject.toml
	@echo "Installing into .venv ..."
	@$(CREATE)
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ .venv/installed
