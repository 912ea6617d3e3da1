# `make help` lists what can be made. Nothing but Go and make has to be there
# beforehand; tools are built from the versions in tools/go.mod.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := build

GO      ?= go
TOOLS   := .tmp/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Modules of their own, so that what they need stays out of go.mod.
MODULES := bench conformance tools

FUZZTIME  ?= 20s
BENCHTIME ?= 1s

.PHONY: help
help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z][a-zA-Z_-]*:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all
all: lint test ## What CI runs.

.PHONY: build
build: ## Build bin/dragoman.
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/dragoman ./cmd/dragoman

.PHONY: demo
demo: build $(TOOLS)/grpcurl ## Start the demo API with the gateway in front of it.
	$(GO) build -o bin/bookshop ./cmd/bookshop
	$(GO) build -o bin/demo ./cmd/demo
	exec bin/demo

.PHONY: test
test: unittest conformance ## Run every test, with the race detector.

.PHONY: unittest
unittest: $(TOOLS)/grpcurl ## Run the tests of the main module.
	$(GO) test -race -timeout 10m ./...

.PHONY: conformance
conformance: build ## Compare with real servers, each in a module of its own.
	$(GO) -C conformance test -race -count=1 -timeout 10m ./... # the gateway is a process, which the cache of test results cannot see

.PHONY: lint
lint: $(TOOLS)/golangci-lint $(TOOLS)/buf checkgenerate ## Check the style of Go and .proto files.
	$(TOOLS)/golangci-lint run ./...
	@for module in $(MODULES); do echo "lint $$module"; (cd "$$module" && $(CURDIR)/$(TOOLS)/golangci-lint run ./...); done
	$(TOOLS)/buf lint
	@for module in . $(MODULES); do \
		$(GO) -C "$$module" mod tidy -diff || { echo "run \"$(GO) -C $$module mod tidy\""; exit 1; }; \
	done

.PHONY: fmt
fmt: $(TOOLS)/golangci-lint $(TOOLS)/buf ## Format Go and .proto files.
	$(TOOLS)/golangci-lint fmt ./...
	$(TOOLS)/buf format -w proto

.PHONY: generate
generate: $(TOOLS)/buf .tmp/protodeps ## Make gen/ from proto/, and what docs/ has of it.
	$(TOOLS)/buf generate
	$(GO) run ./internal/tools/configdoc > .tmp/configuration.md
	mv .tmp/configuration.md docs/configuration.md

.PHONY: checkgenerate
checkgenerate: generate ## Fail if generated files are not up to date.
	@test -z "$$(git status --porcelain -- gen docs/configuration.md)" || { \
		git status --porcelain -- gen docs/configuration.md; echo 'run "make generate" and commit the result'; exit 1; }

.PHONY: bench
bench: ## Run the benchmarks, rivals beside them.
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...
	$(GO) -C bench test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME.
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r target; do \
			echo "$$(dirname "$$file") $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

.PHONY: clean
clean: ## Remove what was built.
	rm -rf bin .tmp

# Third-party .proto files, printed from the Go modules that carry them.
.tmp/protodeps: tools/go.mod tools/protodeps/main.go
	rm -rf $@
	$(GO) -C tools run ./protodeps ../$@

$(TOOLS)/buf: tools/go.mod
	$(GO) -C tools build -o ../$@ github.com/bufbuild/buf/cmd/buf

$(TOOLS)/golangci-lint: tools/go.mod
	$(GO) -C tools build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(TOOLS)/grpcurl: tools/go.mod
	$(GO) -C tools build -o ../$@ github.com/fullstorydev/grpcurl/cmd/grpcurl
