# `make help` lists the targets. Works with the make and sh of Debian and of macOS.

PY = .venv/bin/python
WORKERS = 3
PYBABEL = $(PY) -m babel.messages.frontend --quiet
TRANSLATIONS = helpline/translations
EXTRACT = $(PYBABEL) extract --keywords "lazy_gettext pgettext_noop:1c,2" --add-location file --sort-by-file
POTS = .
PIN = $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-config \
    --custom-compile-command "make pin"

# Compiled modules are kept, whatever the machine's own setting: tests start dozens of processes.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run test bench bench-reports chaos chaos-calls fuzz simulate explore old-browsers lint image docs words format pin clean \
    messages runtime development

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: runtime ## Run the demo on this machine; AT="2026-11-23 17:58" sets the start time, CARRIER=plivo the carrier
	@exec $(PY) app.py run --demo $(if $(CARRIER),--carrier "$(CARRIER)") $(if $(AT),--at "$(AT)")

test: development ## Run the tests; ARGS="tests/domain -k week" selects some, "--on-both" runs each on both databases
	@$(PY) -m tests.support.browser
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --reruns 1 -rR $(ARGS)

bench: development ## Run the benchmarks; ARGS="--only claim" for one
	$(PY) -m bench $(ARGS)

chaos: development ## Inject faults one by one under load; ARGS="--only failover" for one, --write to save the results
	$(PY) -m bench.scenarios.faults $(ARGS)

chaos-calls: development ## Run 500 calls at once with all faults and killed workers; ARGS="--seed 7 --carrier plivo"
	$(PY) -m bench.scenarios.chaos_calls $(ARGS)

fuzz: development ## Fuzz all endpoints with 100,000 requests; ARGS="--inputs 2000 --seed 7"
	$(PY) -m bench.scenarios.fuzz $(ARGS)

simulate: development ## Simulate a national day and compare it with queueing theory; ARGS="--callbacks 12000"
	$(PY) -m bench.scenarios.national_day $(ARGS)

bench-reports: development ## Benchmark the reports with a year of 1,000,000 callbacks
	$(PY) -m bench.reports $(ARGS)

explore: development ## Run 500 random state machine tests; GAMES=1000 for more
	GAMES=$(or $(GAMES),500) $(PY) -m pytest tests/stateful -n $(WORKERS) $(ARGS)

old-browsers: development ## Test the visitor pages in Chromium 64, fetched with npm (Linux on x86-64)
	$(PY) -m bench.scenarios.old_browsers

lint: development ## Check style, types, imports, migrations, docs, security, licences
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) tools/check_migrations.py
	$(PY) tools/settings_doc.py --check
	$(PY) tools/import_graph.py --check
	$(PY) tools/supply_chain.py --check
	$(PY) tools/supply_chain.py --holes
	$(PY) -m bandit --quiet --configfile pyproject.toml --severity-level medium --recursive helpline
	$(PY) -m djlint --quiet --lint templates phonesim/templates

image: development ## Try the steps of the Containerfile in a bare, read-only folder as an unprivileged user (Linux)
	sh tools/try_image.sh

docs: development ## Write docs/settings.md, docs/policy.md, the picture of imports and NOTICE
	$(PY) tools/settings_doc.py
	$(PY) tools/import_graph.py
	$(PY) tools/supply_chain.py --licences

words: development messages ## Update the catalogs from the sources and list what is not translated; LANGUAGE=ta adds one
	@for domain in messages staff; do \
	    $(PYBABEL) update --domain $$domain --input-file $(POTS)/$$domain.pot --output-dir $(TRANSLATIONS) --width 96 \
	        --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	        $(if $(LANGUAGE),--init-missing --locale $(LANGUAGE)) && \
	    $(PYBABEL) compile --domain $$domain --directory $(TRANSLATIONS) || exit; \
	done
	@$(PY) -m tools.untranslated $(POTS)

messages:
	@$(EXTRACT) --mapping-file babel.cfg --output-file $(POTS)/messages.pot .
	@$(EXTRACT) --mapping-file babel-staff.cfg --output-file $(POTS)/staff.pot .
	@$(PY) -m tools.staff_messages $(POTS)/messages.pot $(POTS)/staff.pot

format: development ## Format the code
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

pin: development ## Pin the newest packages that pyproject.toml and requirements-dev.in allow
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(PIN) --all-extras --output-file requirements.txt pyproject.toml
	$(PIN) --output-file requirements-dev.txt requirements-dev.in

clean: ## Delete generated files; keeps the instance folder
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@sh tools/install.sh requirements.txt

development:
	@sh tools/install.sh requirements-dev.txt
