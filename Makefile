# HyprL Lab. `make` alone lists the targets.
# A fresh machine needs Python 3.11, make, a Rust toolchain (cargo) and a C compiler; the rest is installed here.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help setup build lock lint browser postgres test test-deep bench demo clean

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-dev.txt)
RUST := $(shell find native -name target -prune -o \( -name '*.rs' -o -name 'Cargo.*' \) -print 2>/dev/null)
SET_UP := $(VENV)/.set-up
BUILT := $(VENV)/.built
BENCH_SET_UP := .venv-bench/.set-up
CARGO := cargo
MANIFEST := --manifest-path native/Cargo.toml
# The one list of the names under which Chromium is looked for stands in the doctor.
CHROMIUM := $(shell sed -n 's/^CHROMIUM: Final = (\(.*\))$$/\1/p' hyprl_lab/cli/doctor.py | tr -d '",')
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
export UV_NO_PROGRESS := 1
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME

# Two `make`s at once wait for each other (where util-linux's flock exists).
define lock
mkdir -p $(VENV); exec 9>$(VENV)/.make.lock; if command -v flock >/dev/null; then flock 9; fi
endef

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(SET_UP) ## make .venv and install what is locked (quick when there is nothing to do)

$(SET_UP): requirements-dev.txt requirements-oracle.txt
	@$(lock)
	python=
	for name in "$${PYTHON:-python3.11}" python3.11 python3 python; do
	    if "$$name" -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
	        python=$$name; break
	    fi
	done
	if [ -z "$$python" ]; then
	    echo "make setup: found no Python 3.11 with venv and ensurepip; install it (Debian: apt-get install python3.11 python3.11-venv) or name it: make setup PYTHON=/path/to/python3.11" >&2
	    exit 1
	fi
	if ! [ -x $(BIN)/uv ] || [ "$$($(BIN)/uv --version | cut -d' ' -f2)" != $(UV_VERSION) ]; then
	    "$$python" -m venv $(VENV)
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	fi
	echo "setup: installing the locked packages into $(VENV)"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.txt
	echo "setup: unpacking the oracle's data into .oracle"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps --target .oracle -r requirements-oracle.txt
	touch $(SET_UP)

build: $(BUILT) ## compile the native engine into .venv (only when its sources changed)

$(BUILT): $(SET_UP) $(RUST) pyproject.toml
	@$(lock)
	if ! command -v $(CARGO) >/dev/null; then
	    echo "make build: found no cargo; the engine is written in Rust: install a toolchain (rustup, or your system's rustc and cargo; the version wanted stands in native/Cargo.toml as rust-version)" >&2
	    exit 1
	fi
	if ! command -v cc >/dev/null && ! command -v gcc >/dev/null; then
	    echo "make build: found no C compiler to link with; install gcc (Debian: apt-get install gcc libc6-dev)" >&2
	    exit 1
	fi
	export VIRTUAL_ENV=$(CURDIR)/$(VENV) PATH="$(CURDIR)/$(BIN):$$PATH"
	maturin develop --release --uv
	touch $(BUILT)

lock: ## compile the requirements*.in into hashed requirements*.txt
	@$(lock)
	[ -x $(BIN)/uv ] || { echo "make lock: run make setup first" >&2; exit 1; }
	for name in requirements requirements-dev tests/bench/requirements; do
	    $(BIN)/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 $$name.in -o $$name.txt
	done
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-deps --python-version 3.11 requirements-oracle.in -o requirements-oracle.txt

# Runs every linter, then fails if one did. One that can't be had is passed over aloud, and the last line names it.
lint: build ## ruff, mypy strict, stubtest, import-linter, clippy pedantic, rustfmt, nbstripout
	@failed=
	absent=
	missing() {
	    echo "lint: MISSING: $$1 was not run: $$2" >&2
	    absent="$$absent$$1, "
	}
	check() {
	    local name=$$1; shift
	    echo "== $$name"
	    if ! command -v "$$1" >/dev/null; then
	        missing "$$name" "$$1 is not installed"
	        return
	    fi
	    "$$@" || failed="$$failed$$name, "
	}
	component() {
	    if command -v $(CARGO) >/dev/null && ! $(CARGO) "$$2" --version >/dev/null 2>&1; then
	        missing "$$1" "cargo $$2 is not installed (rustup component add $$3)"
	        return 1
	    fi
	}
	check "ruff check" $(BIN)/ruff check .
	check "ruff format" $(BIN)/ruff format --check .
	check "mypy strict" $(BIN)/mypy
	check "stubtest" $(BIN)/stubtest --mypy-config-file pyproject.toml hyprl_lab._native
	check "import-linter" $(BIN)/lint-imports
	check "nbstripout" $(BIN)/nbstripout --keep-id --verify $$(find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*')
	if component "clippy pedantic" clippy clippy; then
	    check "clippy pedantic" $(CARGO) clippy $(MANIFEST) --workspace --all-targets --locked -- -D warnings
	fi
	if component rustfmt fmt rustfmt; then
	    check "rustfmt" $(CARGO) fmt $(MANIFEST) --all --check
	fi
	if [ -n "$$failed" ]; then
	    echo "lint: FAILED: $${failed%, }$${absent:+; NOT RUN: $${absent%, }}" >&2
	    exit 1
	fi
	if [ -n "$$absent" ]; then
	    echo "lint: NOT RUN: $${absent%, }; what ran is clean, and that is not all" 
	else
	    echo "lint: all clean"
	fi

browser: ## install Chromium for the browser tests where it is missing and that is permitted
	@for name in $(CHROMIUM); do
	    if command -v $$name >/dev/null; then exit 0; fi
	done
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    echo "browser: installing Chromium from the system's packages"
	    export DEBIAN_FRONTEND=noninteractive
	    apt-get update -qq && apt-get install -y -qq chromium >/dev/null
	else
	    echo "browser: Chromium is missing and may not be installed from here; the browser tests need it (Debian: sudo apt-get install chromium)" >&2
	fi

postgres: ## install PostgreSQL's server for the tests where it is missing and that is permitted
	@for binary in /usr/lib/postgresql/*/bin/initdb; do
	    if [ -x "$$binary" ]; then exit 0; fi
	done
	if command -v initdb >/dev/null; then exit 0; fi
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    echo "postgres: installing PostgreSQL's server from the system's packages"
	    export DEBIAN_FRONTEND=noninteractive
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null
	else
	    echo "postgres: PostgreSQL's server is missing and may not be installed from here; half of the warehouse's tests need it (Debian: sudo apt-get install postgresql)" >&2
	fi

test: build browser postgres ## set up, build, and pass all tests
	@$(CARGO) test $(MANIFEST) --workspace --exclude hyprl-bindings --release --locked
	$(BIN)/python -m pytest -m "not slow" tests --doctest-modules hyprl_lab api

test-deep: build browser postgres ## the slow tests too, with more examples in the property tests
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest --timeout=3600 tests --doctest-modules hyprl_lab api

$(BENCH_SET_UP): $(SET_UP) tests/bench/requirements.txt
	@$(lock)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bench
	$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --require-hashes --compile-bytecode -r tests/bench/requirements.txt
	touch $(BENCH_SET_UP)

bench: build $(BENCH_SET_UP) ## measure the engine, and the search beside vectorbt, which has an environment of its own
	@$(BIN)/python tests/bench/run.py

demo: build ## the main job on real bars, from import to a prediction served over HTTP
	@$(BIN)/hyprl demo

clean: ## remove what was built and cached (keeps .venv and .hyprl)
	@rm -rf native/target dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache $(BUILT)
	find . -name .venv -prune -o -name .venv-bench -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f hyprl_lab/_native*.so
