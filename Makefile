.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

help:  ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run:  ## everything on this machine, with a demo company; Ctrl-C stops it
	@bin/setup base
	@exec $(PYTHON) -m pridvor up --demo

init:  ## an empty company of your own, from nothing or from the demo; asks a few questions
	@bin/setup base
	@exec $(PYTHON) -m pridvor init

up:  ## everything on this machine, with your company; Ctrl-C stops it
	@bin/setup base
	@exec $(PYTHON) -m pridvor up

test:  ## the whole suite: real PostgreSQL, real ERP, a real browser where one is installed
	@bin/setup dev
	@$(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

test-peers:  ## what drives a real shop, biller, CRM and ticketing system; builds them the first time (ten minutes)
	@bin/setup dev
	@$(PYTHON) -m pytest -m peers --peers $(ARGS)

check:  ## lint, format, types, import contract, migrations, journeys
	@bin/setup dev
	@bin/check

e2e:  ## the browser journeys alone
	@bin/setup dev
	@$(PYTHON) -m pytest -m browser $(ARGS)

slow:  ## what is too long for every run: deeper generated journeys, more files
	@bin/setup dev
	@$(PYTHON) -m pytest -m slow --slow $(ARGS)

bench:  ## measure; a table on screen and build/bench.json
	@bin/setup dev
	@$(PYTHON) -m pridvor.project.bench

bench-shop:  ## from the last click to the shop's page, against real ERP, CRM and shop; builds them the first time
	@bin/setup dev
	@$(PYTHON) -m pridvor.project.shop_bench

bench-faults:  ## the slowest portal pages beside a healthy ERP and a dead one
	@bin/setup dev
	@$(PYTHON) -m pridvor.project.fault_bench

asvs:  ## hold security/asvs.csv true: every test that it names must be there, run and pass
	@bin/setup dev
	@$(PYTHON) -m tests.asvs

audit:  ## ask the advisory service about the packages; 2 when it cannot be asked
	@bin/setup dev
	@bin/audit

sbom:  ## the list of what a release is made of: build/sbom.json (CycloneDX)
	@bin/setup dev
	@bin/sbom

clean:  ## remove everything that was made here, the database and documents too
	@rm -rf .venv var build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete 2>/dev/null || true

.PHONY: help run test test-peers check e2e slow bench bench-shop bench-faults asvs audit sbom clean
