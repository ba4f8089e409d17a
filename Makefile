# Needs Python 3.11 or newer and make; everything else is set up here: .venv holds tox, tox makes the environments.

PYTHON ?= python3
TOX := .venv/bin/tox
RECORD := .stackproof/gate

export STACKPROOF_RECORD := $(RECORD)
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH VIRTUAL_ENV
.DEFAULT_GOAL := help
.PHONY: help gate test style docs benchmark requirements clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

gate: .venv/ready ## judge every system in every environment and print one table
	@rm -rf $(RECORD) && mkdir -p $(RECORD)
	@stages=0; $(TOX) run-parallel -qq --no-list-dependencies -m gate || stages=$$?; \
	$(TOX) exec -qq -e policies -- stackproof summary $(RECORD) && exit $$stages

test: .venv/ready ## check the style and run every test
	@$(TOX) run -q --notest -e checkov,awscli,taskcat
	@$(TOX) run -q -m test

style: .venv/ready ## ruff and mypy alone
	@$(TOX) run -q -e style

docs: .venv/ready ## write the pages that are made from templates and policies (docs/layers/, docs/policies/)
	@$(TOX) run -q -e docs

benchmark: .venv/ready ## measure beside cfn-lint and checkov
	@$(TOX) run -q --notest -e checkov
	@$(TOX) run -q -e benchmark

requirements: .venv/ready ## lock requirements/*.txt again (UPGRADE=1 takes newer versions)
	@$(TOX) run -q -e requirements -- $(if $(UPGRADE),--upgrade)

clean: ## remove environments, results and caches
	rm -rf .venv .tox .stackproof .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: requirements/tox.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "stackproof needs Python 3.11 or newer; name one with make PYTHON=python3.11")'
	@echo "setting up .venv with tox"
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install --require-hashes --requirement requirements/tox.txt
	@touch $@
