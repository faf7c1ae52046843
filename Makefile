# Every command that a person or continuous integration runs. What takes more than a line is in scripts/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# rustup's own shells have this on the path; a shell that is older than the installation has not.
export PATH := $(PATH):$(HOME)/.cargo/bin
# The scripts and the demo look for programs there, whatever this machine's own settings say.
export CARGO_TARGET_DIR := $(CURDIR)/target

# Python packages live in these two environments: other people's clients, and Helm.
CLIENTS := target/venv
HELM := target/venv-helm

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: rust ## Build the service and tell its whole story, start to end
	@echo "Building macaroond; the first time takes some minutes."
	cargo build -p macaroond
	@target/debug/macaroond demo

.PHONY: test
test: rust $(CLIENTS)/.installed ## Run every test: Rust, documentation examples, other people's clients
	scripts/test.sh

.PHONY: fuzz
SECONDS_EACH ?= 600
fuzz: rust ## Fuzz what reads untrusted bytes, SECONDS_EACH (600) seconds a target
	scripts/fuzz.sh $(SECONDS_EACH)

.PHONY: bench
bench: rust ## Measure the macaroon core and receiving files, each beside the floor of its cryptography
	cargo bench -p bench --bench verify
	cargo build --release -p macaroond -p load-tests
	target/release/load-tests receive

.PHONY: load
load: rust ## Ask an optimised build what requests and many revocations cost, and whether one can be outrun
	cargo build --release -p macaroond -p load-tests
	target/release/load-tests cost
	target/release/load-tests outrun
	REDIS_SERVER=$$(scripts/redis_server.sh) target/release/load-tests list

.PHONY: break
MINUTES ?= 30
REDIS ?= both
SEED ?=
PROFILE ?= release
break: rust ## Break everything for MINUTES (30) while credentials are used and revoked; SEED=1, REDIS=sentinel
	scripts/break.sh $(PROFILE) $(REDIS) $(MINUTES) $(SEED)

.PHONY: break-uploads
KILLS ?= 500
RACES ?= 1000
SHAPE ?= both
break-uploads: rust ## Kill the service KILLS (500) times during signed uploads, revoke RACES (1000) times; SHAPE=embedded
	scripts/break_uploads.sh $(PROFILE) $(SHAPE) $(KILLS) $(RACES) $(SEED)

.PHONY: break-broken
break-broken: rust ## See that the breakers catch a service that is broken on purpose
	scripts/break.sh $(PROFILE) broken 0 $(SEED)

.PHONY: fmt
fmt: rust ## Format the Rust code
	cargo fmt --all

.PHONY: lint
lint: rust ## Check format and lints; a warning is an error
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# A link to a private item is fine, as the documentation is only ever built with them.
.PHONY: docs
docs: rust ## Build the code's documentation, private items too; a warning is an error
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --workspace --no-deps --document-private-items

.PHONY: deny
deny: rust ## Check licences, bans and sources of dependencies, and advisories where their database can be fetched
	scripts/deny.sh

.PHONY: helm
helm: $(HELM)/.installed ## Lint the Helm chart
	$(HELM)/bin/python scripts/helm_lint.py

# In this order, what clippy compiled serves the documentation, and what the tests compiled serves the demo and the breaker.
.PHONY: ci
ci: SECONDS_EACH = 60
ci: PROFILE = debug
ci: MINUTES = 2
ci: KILLS = 25
ci: RACES = 50
ci: SHAPE = embedded
ci: lint docs test deny helm demo break-broken break break-uploads fuzz unchanged ## Run all that a change must pass, from a clean working tree

.PHONY: unchanged
unchanged: ## Check that the working tree is as committed
	scripts/unchanged.sh

.PHONY: rust
rust:
	@scripts/need_rust.sh

# Made anew only when the list of packages changes.
$(CLIENTS)/.installed: service/tests/clients/requirements.txt
$(HELM)/.installed: scripts/helm-requirements.txt
target/%/.installed:
	scripts/need.sh python3=python3 python3:ensurepip=python3-venv
	python3 -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
