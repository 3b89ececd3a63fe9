# Koe's few commands. Everything they install goes into .venv; nothing else on this machine is touched,
# but for `make test` as root on Debian, which installs Chromium and a Japanese font with apt-get.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Every process would compile all it imports, three seconds each time; what is written stays beside what it comes from.
unexport PYTHONDONTWRITEBYTECODE

# The first Python of 3.11 or newer; PYTHON=… chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check --no-input

# A stamp names what was installed, where and with which Python: a changed lock or a moved folder installs again.
number = { pwd -P; $(PY) -V 2>/dev/null; cat $(1) pyproject.toml; } | cksum | cut -d' ' -f1
APP := .venv/.app-$(shell $(call number,requirements.lock))
TOOLS := .venv/.tools-$(shell $(call number,requirements-test.lock))

.PHONY: help
help: ## Say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(APP) ## Start Koe with a demo company in it; Ctrl-C stops everything
	@exec .venv/bin/koe up --demo

.PHONY: run
run: $(APP) ## Start Koe for real: the first start leads to "Start here"
	@exec .venv/bin/koe up

.PHONY: test
test: $(TOOLS) browser ## Check everything: format, lint, types, imports, templates, tests (ARGS=… goes to pytest)
	@$(PY) -m tests.checks
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal -m 'not storm and not bench' $(ARGS)

.PHONY: storm
storm: $(TOOLS) ## The long fault tests: kills, races, full disks
	@$(PY) -m pytest -m storm $(ARGS)

.PHONY: bench
bench: $(TOOLS) ## The benchmarks, beside their baseline
	@$(PY) -m pytest -m bench -s $(ARGS)

.PHONY: format
format: $(TOOLS) ## Format and mend what can be mended
	@$(PY) -m ruff check --fix-only --quiet . && $(PY) -m ruff format --quiet .

.PHONY: lock
lock: $(TOOLS) ## Write the lock files anew (needs uv)
	@uv pip compile $(LOCK) --extra build --extra postgres -o requirements.lock pyproject.toml
	@uv pip compile $(LOCK) --all-extras -c requirements.lock -o requirements-test.lock pyproject.toml
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## Remove what was installed and cached; data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

$(APP):
	@$(MAKE) .venv
	@echo "Installing Koe into .venv (once; a minute or so)"
	$(call install,requirements.lock,app)

$(TOOLS):
	@$(MAKE) .venv
	@echo "Installing Koe and what its tests need into .venv (once; a minute or two)"
	$(call install,requirements-test.lock,tools)

# Every file is checked against the hash in the lock; Koe itself is linked, not copied.
define install
	@$(PIP) install --no-compile --require-hashes --no-deps --only-binary :all: -r $(1)
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@rm -f .venv/.$(2)-* && touch .venv/.$(2)-$$($(call number,$(1)))
endef

.PHONY: .venv
.venv:
	@test -n "$(PYTHON)" || { echo "Koe needs Python 3.11 or newer; on Debian or Ubuntu: sudo apt install python3 python3-venv, on macOS: brew install python"; exit 1; }
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && grep -qs "$$(pwd -P)/.venv" .venv/bin/activate || { \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "$(PYTHON) lacks its venv module; on Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }; \
		$(PYTHON) -m venv --clear .venv; }

# Only as root on Debian or Ubuntu; elsewhere the tests use a Chromium that is there, or say that they left it out.
.PHONY: browser
browser:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		command -v chromium >/dev/null && fc-list :lang=ja 2>/dev/null | grep -q . || { \
			echo "Installing Chromium and a Japanese font with apt-get (once)"; \
			{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
				install chromium fonts-ipafont-gothic fontconfig; } >/dev/null 2>&1 \
			|| echo "apt-get could not install Chromium"; }; fi
