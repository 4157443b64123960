# The commands of the house; `make help` lists them. Each does the set-up it needs by itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# `make run ARGS="--port 8080"`, `make bench ARGS=...`, `make test ARGS="--only compat"`
ARGS ?=

.PHONY: help run build release check test bench lint format spec schema sbom image-check clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: release ## build and serve on 127.0.0.1:5000 (more flags in ARGS)
	exec .build/release/roost server $(ARGS)

build: ## debug build of the server and of the Swift tests
	@scripts/setup build
	swift build --build-tests

release: ## release build: .build/release/roost, with the Swift runtime inside
	@scripts/setup build
	@scripts/build-release

check: ## the fast loop: incremental build, Swift tests, lint of changed files
	@scripts/setup test
	@scripts/test --fast $(ARGS)

test: ## everything; the last line is "N passed, N failed"
	@scripts/setup test
	@scripts/setup promptflow
	@scripts/setup training
	@scripts/test $(ARGS)

bench: release ## measure beside mlflow 3.17.2 and fasttrackml; release build
	@scripts/setup bench
	ROOST_BINARY="$(CURDIR)/.build/release/roost" .venv-test/bin/python Tests/bench/bench.py $(ARGS)

lint: ## formatting, import rules, words and sizes
	@scripts/setup test
	@scripts/lint

format: ## write the formatting that lint asks for
	@scripts/setup test
	swift format --in-place --parallel Package.swift $$(git ls-files -co --exclude-standard '*.swift')
	.venv-test/bin/ruff check --no-cache --fix-only --quiet Tests scripts examples
	.venv-test/bin/ruff format --no-cache --quiet Tests scripts examples

spec: build ## write api-spec/openapi.json anew from the route table
	.build/debug/roost spec > api-spec/openapi.json.new
	mv api-spec/openapi.json.new api-spec/openapi.json

schema: ## write schema/current.sql anew from the migrations
	@scripts/schema

sbom: ## list what a build is made of, as SPDX: .build/roost.spdx.json
	@scripts/setup build
	swift package resolve
	scripts/sbom > .build/roost.spdx.json
	@echo .build/roost.spdx.json

image-check: ## the steps of the Dockerfile without an engine, and a trial of what they make
	@scripts/setup test
	@scripts/image-build --check

clean: ## remove everything that was built; the Python environments too
	rm -rf .build .venv-test .venv-promptflow .venv-training .venv-fasttrackml
