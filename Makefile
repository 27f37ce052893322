# The same recipes serve people, the README and .ci/run. Each sets up .venv by itself, from uv.lock.
# Needed beforehand: Python 3.11 or newer, with pip and venv, and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python)
BIN := .venv/bin
DEMO ?= demo
# LONG=1 runs the tests marked long as well.
MARKS := $(if $(LONG),,-m "not long")
WORKERS ?= 2

export PREFECT_SERVER_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1
# Small matrices: threads that wait for one another cost more than they bring.
export OPENBLAS_NUM_THREADS = 1

# Compiled modules are kept, or every process would compile the libraries again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check fix bench clean

demo: .venv/ready
	$(BIN)/connectedness demo $(DEMO)

test: .venv/ready
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -ra $(MARKS)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/uv lock --check

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/ready
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv demo dist .pytest_cache .mypy_cache .ruff_cache

# uv itself goes into the venv, at the version that the lock names; then the lock says everything else.
.venv/ready: pyproject.toml uv.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$$($(PYTHON) -c "import tomllib; print(next(p['version'] for p in tomllib.load(open('uv.lock', 'rb'))['package'] if p['name'] == 'uv'))")"
	$(BIN)/uv sync --frozen --quiet
	touch .venv/ready
