# postkit for developers. `make help` lists what there is.
# Needs Python 3.11 or newer with venv and pip, make and git; installs the rest into .venv.

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test test-real lint format vscode screenshots bench bench-mojibake bench-faults \
  bench-schedule bench-editor clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.demo  ## set up, and render the founding article as a LinkedIn post
	@$(BIN)/postkit render posts/llama-2-license.md
	@printf '\n%s\n' '──────── That was posts/llama-2-license.md as a LinkedIn post. Go on with:' >&2
	@printf '  %s\n' \
	  '. $(BIN)/activate' \
	  'postkit render posts/llama-2-license.md --explain     what was changed, and why' \
	  'postkit render your-article.md --copy                 onto the clipboard' \
	  'postkit check your-article.md                         what to mend before you post' \
	  'postkit --help                                        everything else' >&2

# Three at a time on the two cores of a small machine: some wait for a network. Growth is measured in
# the time of the process itself.
test: $(VENV)/.dev lint  ## set up, and run every check: style, types, tests
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

# A browser, editors, a keyring, LinkedIn's own client: slower, and from the system's packages.
test-real: $(VENV)/.real  ## the same against real counterparts: Chromium, VS Code, Neovim, Emacs, a keyring
	$(BIN)/python -m pytest -m real

lint: $(VENV)/.dev  ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

vscode:  ## package the extension for VS Code; needs Node.js 22 or newer
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run package

screenshots: $(VENV)/.real  ## pictures of editors and pages, from the tests that drive them, into build/
	POSTKIT_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest -m real tests/real/test_vscode.py \
	  tests/real/test_preview.py tests/real/test_calendar.py

bench: $(VENV)/.dev  ## start-up time, and an article of 10 MB
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/large.py

bench-mojibake: $(BENCH)/.made  ## the repair beside ftfy and plsfix: make bench-mojibake ARGS=--huge
	$(BENCH)/bin/python benchmarks/mojibake.py $(ARGS)

bench-faults: $(VENV)/.dev  ## lost answers, beside other publishers: make bench-faults ARGS=--quick
	$(BIN)/python benchmarks/faults.py $(ARGS)

bench-schedule: $(VENV)/.real  ## what scheduling bears, for half an hour: make bench-schedule ARGS=--quick
	$(BIN)/python benchmarks/schedule.py $(ARGS)

bench-editor: $(VENV)/.dev  ## how long an editor waits, and two hours of typing: make bench-editor ARGS=36000
	$(BIN)/python benchmarks/editor.py $(ARGS)

clean:  ## remove everything that was made here
	rm -rf $(VENV) $(BENCH) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'error: postkit needs Python 3.11 or newer, and `$(PYTHON)` is not' >&2; \
	  echo 'hint: name another one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'error: `$(PYTHON) -m venv` failed' >&2; \
	  echo 'hint: on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }

# Stamps: a second run installs nothing, unless the dependencies changed.
$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	@echo 'setting up $(VENV) …' >&2
	@$(PIP) --editable .
	@$(BIN)/python -m compileall -q postkit
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo 'setting up $(VENV) with the tools for developers …' >&2
	@$(PIP) --editable '.[dev]'
	@$(BIN)/python -m compileall -q postkit
	@touch $@ $(VENV)/.demo

$(VENV)/.real: pyproject.toml tests/real/install.sh $(wildcard tests/real/vscode/*.json) | $(VENV)/.dev
	@tests/real/install.sh
	@$(PIP) --editable '.[real]'
	@touch $@

# The tools that postkit is compared with live apart, so that nothing here can come to need them.
$(BENCH)/.made: pyproject.toml | $(VENV)/bin/python
	@echo 'setting up $(BENCH) with the tools to compare with …' >&2
	@$(BIN)/python -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[bench]'
	@touch $@
