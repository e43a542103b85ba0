# The environment in .venv is made from requirements.lock, and made anew when that or pyproject.toml changes.
# Another Python: make PYTHON=python3.13 demo. Part of the tests: make test SELECT='not slow'. One target of fuzzing for
# an hour: make fuzz TARGET=shard MINUTES=60.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
OUT := demo-output
SELECT ?=
FUZZ := .fuzz
SUPPLY := .supply
MINUTES ?=
TARGET ?=
SEED ?= 1
KILLS ?= 200
TRANSPORT ?= batches
JSON ?=
SCALE ?= 100

export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check assault bench nation fuzz docs lock wheel sbom audit clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## a simulated month through a real Kafka to packs, in demo-output, and three worth opening
	$(BIN)/dcca demo --out $(OUT)

test: $(STAMP) ## every test of the product, on a real broker too
	$(BIN)/python -m tests $(if $(SELECT),--select '$(SELECT)')

check: $(STAMP) ## lint, format, types, architecture, documents, wheel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m pytest tests/architecture

assault: $(STAMP) ## kill workers and brokers 200 times, compare every figure: SEED, KILLS, MINUTES, TRANSPORT, JSON=file
	$(BIN)/python -m tests.crash.assault --seed $(SEED) --kills $(KILLS) --minutes $(or $(MINUTES),120) \
	    --transport $(TRANSPORT) $(if $(JSON),--json $(JSON))

bench: $(STAMP) ## measure every part over a simulated month, beside yardsticks; takes some minutes
	$(BIN)/python -m bench

nation: $(STAMP) ## a month of Great Britain in small, one event in SCALE=100 (27 million, an hour), through all steps; stored
	$(BIN)/python -m bench nation --scale $(SCALE) $(if $(filter 100,$(SCALE)),--store)

fuzz: $(FUZZ)/.installed ## try bytes nobody would think of on every reader, MINUTES each; Linux on x86-64 only
	PYTHONPATH=$(FUZZ) $(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),5) $(TARGET)

docs: $(STAMP) ## write docs/commands.md and docs/performance.md from the command line and stored results
	$(BIN)/python docs/generate.py

lock: ## resolve requirements.lock anew for every supported Python (needs uv)
	@command -v uv >/dev/null || { echo 'make lock: needs uv on the PATH' >&2; exit 1; }
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-config --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    --quiet --output-file requirements.lock

wheel: $(STAMP) ## the wheel, in dist; the same commit gives the same bytes
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --wheel --no-isolation --outdir dist

sbom: $(SUPPLY)/.installed ## what is installed, as a bill of materials: dist/sbom.cdx.json, CycloneDX
	@mkdir -p dist
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	    --output-file dist/sbom.cdx.json $(BIN)/python

audit: $(SUPPLY)/.installed ## ask the package index for known vulnerabilities of what is locked; what it does not know fails
	$(SUPPLY)/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement requirements.lock

clean: ## remove what these targets made
	rm -rf $(VENV) $(OUT) $(FUZZ) $(SUPPLY) build dist dcc_analytics.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(FUZZ)/.installed: tests/fuzz/requirements.txt $(STAMP)
	$(PIP) install --quiet --no-deps --require-hashes --requirement $< --upgrade --target $(FUZZ)
	@touch $@

$(SUPPLY)/.installed: tests/supply/requirements.txt $(STAMP)
	$(BIN)/python -m venv --clear $(SUPPLY)
	$(SUPPLY)/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --require-hashes \
	    --requirement $<
	@touch $@

$(STAMP): requirements.lock pyproject.toml
	@command -v '$(PYTHON)' >/dev/null || { \
	    echo 'make: $(PYTHON) is not on the PATH; name a Python of 3.11 or newer: make PYTHON=/path/to/python3' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: Python 3.11 or newer is needed, $(PYTHON) is $$('$(PYTHON)' -V 2>&1); make PYTHON=python3.13 uses another" >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo 'make: $(PYTHON) has no venv; on Debian and Ubuntu install the package python3-venv' >&2; exit 1; }
	'$(PYTHON)' -m venv --clear $(VENV)
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
