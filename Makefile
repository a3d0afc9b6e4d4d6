# Everything from a bare clone; `make` lists it. PORT and DATA_DIR move a run elsewhere: make demo PORT=8001 DATA_DIR=/tmp/fleet

VENV := .venv
PYTHON := $(VENV)/bin/python

# Python keeps what it compiled, wherever it was told not to: the tests alone would compile all of it in each process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test check format hooks pins guards bench fuzz torture soak crashes screenshots backup restore install-test clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## serve a demo fleet at http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(PYTHON) -m config.serve --demo

run: $(VENV)/.installed  ## the same without the demo fleet
	@exec $(PYTHON) -m config.serve

test: $(VENV)/.installed-dev  ## all tests; make test ARGS="-k void" for some
	@command -v chromium >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } || \
		echo "There is no Chromium here (on Debian: apt-get install chromium): what it would try is skipped."
	$(PYTHON) -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(VENV)/.installed-dev  ## lint, types, layers, security, Django's checks, missing migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/bandit --quiet --recursive --configfile pyproject.toml .
	DATABASE_URL=postgresql://unused REDIS_URL=redis://unused SECRET_KEY=unused $(PYTHON) -m mypy
	$(PYTHON) manage.py check
	$(PYTHON) manage.py makemigrations --check --dry-run

format: $(VENV)/.installed-dev  ## rewrite the files as `make check` wants them
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

hooks: $(VENV)/.installed-dev  ## run what `make check` runs before each commit, from now on
	$(VENV)/bin/pre-commit install

PINS = $(VENV)/bin/uv --quiet --no-config pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make pins"

pins: $(VENV)/.installed-dev  ## write requirements*.txt anew, with hashes, after a change in requirements*.in
	$(PINS) requirements.in --output-file requirements.txt
	$(PINS) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt
	$(PINS) requirements-bench.in --output-file requirements-bench.txt

guards: $(VENV)/.installed-dev  ## write down anew what the migrations make, which the audits compare with (sql/shipped.txt)
	$(PYTHON) manage.py write_guards

# What stands beside the ledger is installed apart; without it (there is no network, say) the rest is measured.
BENCH_VENV ?= $(VENV)/bench

bench: $(VENV)/.installed-dev  ## measure side by side; FULL=1 a city, ONLY=posting,pages some, COMPARE=old.json what changed
	@$(MAKE) --no-print-directory $(BENCH_VENV)/.installed || echo "django-hordak could not be installed: it is left out."
	@BENCH_VENV="$(abspath $(BENCH_VENV))" $(PYTHON) -m bench $(if $(filter-out 0,$(FULL)),--full) $(if $(ONLY),--only "$(ONLY)") \
		$(if $(COMPARE),--compare "$(COMPARE)") $(if $(WITH),--with "$(WITH)") $(if $(DRIVERS),--drivers "$(DRIVERS)") $(ARGS)

fuzz: $(VENV)/.installed-dev  ## have Schemathesis try the API for some minutes; EXAMPLES=30 for each address
	FUZZ_EXAMPLES=$(or $(EXAMPLES),10) $(PYTHON) -m pytest tests/core/api/test_description.py

torture: $(VENV)/.installed-dev  ## random acts over all services against other books; MINUTES=2 SEED=…, the same acts again
	$(PYTHON) -m tests.torture --minutes $(or $(MINUTES),2) $(if $(SEED),--seed $(SEED)) $(if $(ACTS),--acts $(ACTS))

soak: $(VENV)/.installed-dev  ## 16 clients at few drivers over HTTP, their logs compared at the end; MINUTES=2
	$(PYTHON) -m tests.torture.soak --minutes $(or $(MINUTES),2) $(if $(SEED),--seed $(SEED))

crashes: $(VENV)/.installed-dev  ## SIGKILL web, worker, beat, Redis and PostgreSQL at work; ROUNDS=50
	$(PYTHON) -m tests.torture.crashes --rounds $(or $(ROUNDS),50) $(if $(SEED),--seed $(SEED))

screenshots: $(VENV)/.installed-dev  ## a dozen pictures of the demo, for docs/ and the README (needs Chromium)
	$(PYTHON) -m tests.browser.pictures

backup: $(VENV)/.installed  ## the database and the uploads into one file, for BACKUP_RECIPIENT or ARGS=--unencrypted
	@exec $(PYTHON) manage.py backup $(ARGS)

restore: $(VENV)/.installed  ## FILE=… into a new database (another DATA_DIR=…), and compare everything
	@test -n "$(FILE)" || { echo "Which backup? make restore FILE=…" >&2; exit 1; }
	@exec $(PYTHON) manage.py restore "$(FILE)" $(ARGS)

install-test: $(VENV)/.installed-dev  ## run docs/install.md in a Debian of its own (root, the network, ten minutes)
	INSTALL_ROOT=1 $(PYTHON) -m pytest tests/install $(ARGS)

clean:  ## remove the virtual environment and the caches; the data folder stays
	rm -rf $(VENV) .static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The stamps are newer than the requirements they were installed from.
$(VENV)/.installed: requirements.txt $(VENV)/bin/python
	@echo "Installing requirements.txt ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt $(VENV)/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(VENV)/.installed $@

$(BENCH_VENV)/.installed: requirements-bench.txt $(VENV)/bin/python
	@echo "Installing requirements-bench.txt ..."
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

# The first Python that is new enough and makes virtual environments, 3.11 preferred: all versions are pinned for it. The
# distribution's own before another: it is built by profiles of its work, and all takes a tenth less time by it.
$(VENV)/bin/python:
	@for candidate in /usr/bin/python3.11 python3.11 python3 python3.12 python3.13; do \
		if $$candidate -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec $$candidate -m venv $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed (on Debian: apt-get install python3.11 python3.11-venv)." >&2; exit 1
