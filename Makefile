# What a person types. Each target sets up whatever it needs first, and does nothing twice.
.SILENT:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PY := .venv/bin/python
SETUP := $(PYTHON) scripts/setup.py
# More for pytest: make test ARGS='tests/cases -k invite'
ARGS ?=

.PHONY: help run setup test test-setup lint audit format lock messages screenshots bench abuse outages stress schemathesis walk interference services services-stop compose-secrets load odd-files fuzz clean ci

help: ## this list
	sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

run: ## set up, start everything, print who can sign in; Ctrl-C ends it (PORT, CASEBUNDLE_DATA)
	$(SETUP) run
	exec $(PY) manage.py up

setup: ## what `make run` does before it starts
	$(SETUP) run

test-setup: ## what `make test` does before it starts
	$(SETUP) test

test: ## all tests, the browser ones too
	$(SETUP) test
	$(PY) scripts/test.py $(ARGS)

lint: ## ruff, djlint, mypy, import-linter, the types in our JavaScript, known vulnerabilities
	$(SETUP) lint
	$(PY) scripts/lint.py

audit: ## known vulnerabilities in what we depend on, and fail where nobody answers
	$(SETUP) lint
	AUDITS=required $(PY) scripts/audits.py

schemathesis: ## many made-up calls of the API by each of the cast (EXAMPLES of each, 40)
	$(SETUP) test
	EXAMPLES=$${EXAMPLES:-40} $(PY) -m pytest -q -s -p no:cacheprovider tests/security/test_schemathesis.py $(ARGS)

walk: ## who sees what, at random, beside a model of the rules (WALK_SEEDS, WALK_STEPS)
	$(SETUP) test
	WALK_SEEDS=$${WALK_SEEDS:-10} WALK_STEPS=$${WALK_STEPS:-4000} $(PY) -m pytest -q -p no:cacheprovider tests/security/test_walk.py $(ARGS)

interference: ## what somebody may not see changes nothing that they can see (INTERFERENCE_SEEDS, INTERFERENCE_ACTS)
	$(SETUP) test
	INTERFERENCE_SEEDS=$${INTERFERENCE_SEEDS:-5} INTERFERENCE_ACTS=$${INTERFERENCE_ACTS:-150} $(PY) -m pytest -q -p no:cacheprovider tests/security/test_interference.py $(ARGS)

format: ## put Python files in order
	$(SETUP) lint
	$(PY) -m ruff check --quiet --fix-only .
	$(PY) -m ruff format --quiet .

lock: ## make requirements/*.txt and package-lock.json again from what they are made of
	$(SETUP) lint
	$(PY) scripts/lock.py

messages: ## bring locale/cy up to date with the strings in code and templates
	$(SETUP) lint
	$(PY) scripts/messages.py update

screenshots: ## pictures of every screen, wide and narrow, in screenshots/
	$(SETUP) test
	$(PY) scripts/screenshots.py $(ARGS)

bench: ## how fast it is, beside bare libraries; some of it: make bench ARGS="search turns"
	$(SETUP) test
	$(PY) -m bench $(ARGS)

stress: ## the live part on its worst day: ARGS="return slow frames notes ends", all of it by itself
	$(SETUP) test
	$(PY) scripts/stress.py $(ARGS)

abuse: ## break a running installation on purpose and look at what is left (ARGS='killed', full, readonly, clock, search, start)
	$(SETUP) test
	$(PY) scripts/abuse.py $(ARGS)

outages: ## take each real server away from a running installation, and look at what people see (ARGS="redis --seconds 60")
	$(SETUP) test
	$(PY) scripts/outages.py $(ARGS)

services: ## PostgreSQL, Redis, OpenSearch, S3 and clamd on this machine, without Docker (ARGS='redis')
	$(PYTHON) scripts/services.py start $(ARGS)

services-stop: ## ends exactly those
	$(PYTHON) scripts/services.py stop $(ARGS)

compose-secrets: ## .env for docker-compose.yml, with secrets of this installation alone
	$(PYTHON) scripts/compose_secrets.py

load: ## one large court centre on the running product (ARGS='--minutes 3', --servers)
	$(SETUP) test
	$(PY) bench/load.py $(ARGS)

odd-files: ## every odd PDF there is through intake and worker, and beside poppler
	$(SETUP) test
	$(PY) scripts/try_odd_files.py $(ARGS)

fuzz: ## 2,000 mutated PDFs by the same law (ARGS="--seed 7", ARGS="--only 1-734")
	$(SETUP) test
	$(PY) scripts/fuzz.py $(ARGS)

clean: ## remove what make made (not the data: that is in var/)
	rm -rf .venv node_modules static/build staticfiles .setup.log .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find locale -name '*.mo' -delete 2>/dev/null || true

ci: ## what CI runs
	bash .ci/run
