# Each target makes ready what it needs; `make help` lists them.

PYTHON ?= $(shell for it in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$it -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$it && exit; \
	done; echo python3)
VENV := .venv/bin
BOOTSTRAP := $(PYTHON) helpdesk/bootstrap.py

# Tests can be chosen: make test TESTS=tests/inbox
TESTS ?=
# With coverage: make test COVERAGE=1
COVERAGE ?=
# Parts and size of the benchmark: make bench ONLY=ingest_mail SCALE=0.1
export ONLY SCALE

.PHONY: help ready run demo test e2e lint types bench chaos fix messages lock
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: ## Start a sample desk with people, mail and teams to look around in
	@$(BOOTSTRAP) runtime
	@$(VENV)/python manage.py demo

ready: ## Install what the checks and tests need
	@$(BOOTSTRAP) dev browser browsers tools

run: ## Start your own desk; it begins empty
	@$(BOOTSTRAP) runtime
	@$(VENV)/python manage.py run

test: ## Run the tests on real servers of their own
	@$(BOOTSTRAP) dev tools
	@$(VENV)/pytest -n auto --ignore=tests/journeys $(if $(COVERAGE),--cov --cov-report=term:skip-covered) $(or $(TESTS),tests)

# Two at once, each with a desk of its own: people wait, and so do their journeys.
e2e: ## Run the journeys of people in a real browser
	@$(BOOTSTRAP) dev browser browsers tools
	@$(VENV)/pytest -n auto --maxprocesses 2 --dist worksteal $(or $(TESTS),tests/journeys)

lint: ## Check style, layers, templates and migrations
	@$(BOOTSTRAP) dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports
	$(VENV)/djlint templates --check --lint
	git ls-files 'templates/*.html' | xargs --no-run-if-empty $(VENV)/djade --check --target-version 5.2
	$(VENV)/python manage.py makemigrations --check --dry-run

types: ## Check types
	@$(BOOTSTRAP) dev
	$(VENV)/mypy .

bench: ## Measure speed and size; writes var/bench/latest.json
	@$(BOOTSTRAP) dev browser
	@$(VENV)/python manage.py bench

chaos: ## Kill processes under load and count what was lost; writes var/chaos/latest.json
	@$(BOOTSTRAP) dev tools
	@$(VENV)/python manage.py chaos

fix: ## Put right what can be put right without thinking
	@$(BOOTSTRAP) dev
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(VENV)/djlint templates --reformat --quiet || true
	git ls-files 'templates/*.html' | xargs --no-run-if-empty $(VENV)/djade --target-version 5.2 || true

# The chat speaks Portuguese to visitors; the desk does not.
PORTUGUESE := helpdesk/locale/pt/LC_MESSAGES/django.po
VISITORS_READ := 'helpdesk/chat/*' 'helpdesk/chat/*/*' 'helpdesk/api/v1/chat/*' 'templates/chat/*'
messages: ## Collect the texts for translation and compile what is translated
	@$(BOOTSTRAP) dev tools
	@$(VENV)/python manage.py makemessages --all --no-obsolete --add-location file \
		--ignore .venv --ignore var --ignore tests
	@msggrep $(addprefix --location=,$(VISITORS_READ)) -o $(PORTUGUESE) $(PORTUGUESE)
	@$(VENV)/python manage.py compilemessages --ignore .venv --ignore var

lock: ## Resolve requirements/*.in anew; UPGRADE=1 takes the newest of all
	@$(BOOTSTRAP) dev
	@for it in installer runtime dev; do \
		$(VENV)/python -m uv pip compile --quiet --universal --python-version 3.11 \
			--generate-hashes --no-annotate --custom-compile-command 'make lock' \
			$(if $(UPGRADE),--upgrade) requirements/$$it.in -o requirements/$$it.txt; \
	done
