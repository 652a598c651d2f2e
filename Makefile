# What a developer and the continuous integration do, by the same names. `make` lists it.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Clients of the API are a module of their own, whose packages the go command sees only from its folder.
CLIENTS_MODULE := internal/clients

RELEASE  ?= emr-7.2.0
# Those that take longest come first, or the rest of a core waits for them at the end.
LONGEST  := ./internal/e2e ./agent/spark ./server ./server/consensus/...
PACKAGES ?= $(LONGEST) $(shell go list ./... | grep -v /internal/attack$$) ./$(CLIENTS_MODULE)/...
# Packages at once: one more than there are cores, as many tests wait.
AT_ONCE  ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
TIMEOUT  ?= 30m
LINT     := go tool -modfile=$(CURDIR)/tools/lint.mod golangci-lint
BUF      := go tool -modfile=tools/buf.mod buf
HEADRACE := bin/headrace

# The version that servers, agents and the program itself show: the tag, the commits since, and whether files differ.
VERSION ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null | tr -c 'A-Za-z0-9._+\n-' '-' | cut -c1-63)

.PHONY: help
help: ## list the targets
	@echo "make TARGET, where TARGET is one of:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | while IFS=$$'\t' read -r name what; do printf '  %-13s %s\n' "$$name" "$$what"; done

.PHONY: need-go need-python
need-go:
	@command -v go >/dev/null || { echo "Go is missing. Install Go 1.26 or newer: https://go.dev/dl, or apt-get install golang, dnf install golang" >&2; exit 1; }

need-python:
	@command -v python3 >/dev/null || { echo "Python 3 is missing. Install it: apt-get install python3 python3-pip, or dnf install python3 python3-pip" >&2; exit 1; }
	@python3 -m pip --version >/dev/null 2>&1 || { echo "pip is missing. Install it: apt-get install python3-pip, dnf install python3-pip, or python3 -m ensurepip --user" >&2; exit 1; }

.PHONY: build
build: need-go ## build bin/headrace
	@go build -trimpath -ldflags '-X main.stamped=$(VERSION)' -o $(HEADRACE) ./cmd/headrace

.PHONY: fetch
fetch: build need-python ## fetch Spark into the cache, once ($HEADRACE_CACHE, else below your cache directory)
	@$(HEADRACE) release fetch $(RELEASE)

.PHONY: demo
demo: fetch ## run a word count on a cluster on this machine, and show where and how fast
	@$(HEADRACE) demo

# PACKAGES, by the module that has them.
OF_CLIENTS = $(patsubst ./$(CLIENTS_MODULE)%,.%,$(filter ./$(CLIENTS_MODULE) ./$(CLIENTS_MODULE)/%,$(PACKAGES)))
OF_PRODUCT = $(filter-out ./$(CLIENTS_MODULE) ./$(CLIENTS_MODULE)/%,$(PACKAGES))

.PHONY: test
test: fetch ## run all tests but attacks, with the race detector
	@failed=0; \
	if [ -n "$(OF_CLIENTS)" ]; then go -C $(CLIENTS_MODULE) test -race -p $(AT_ONCE) -timeout $(TIMEOUT) $(OF_CLIENTS) || failed=1; fi; \
	if [ -n "$(OF_PRODUCT)" ]; then go test -race -p $(AT_ONCE) -timeout $(TIMEOUT) $(OF_PRODUCT) || failed=1; fi; \
	exit $$failed

.PHONY: test-attack
test-attack: fetch ## attack servers and nodes as hostile users, programs and machines would; those of programs need root, crun and nftables
	@go test -race -v -timeout $(TIMEOUT) ./internal/attack

.PHONY: test-releases
test-releases: build need-python ## run real jobs on every Spark of the release table, cold and warm; half an hour, and 2 GB to fetch once
	@go run ./internal/releasetest -headrace $(HEADRACE)

.PHONY: s3-server
s3-server: need-go ## build the S3 server that tests run, once; some three minutes, without it those tests are left out
	@go run ./internal/s3test/build

.PHONY: examples
examples: fetch ## run every example on a cluster of its own, and compare what it prints with what was computed without Spark
	@go run ./internal/examples -headrace $(HEADRACE)

CLIENTS ?=
.PHONY: test-clients
test-clients: fetch ## run unmodified AWS clients against a cluster; CLIENTS=-all for all, CLIENTS="-only cli1,airflow2" for some
	@go -C $(CLIENTS_MODULE) run . $(CLIENTS) -headrace $(abspath $(HEADRACE))

.PHONY: lint
lint: need-go ## check formatting, the import rules and the usual mistakes
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' ':!:*.pb.go')); if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w: $$unformatted" >&2; exit 1; fi
	@go vet ./...
	@go -C $(CLIENTS_MODULE) vet ./...
	@$(LINT) run ./...
	@cd $(CLIENTS_MODULE) && $(LINT) run ./...

.PHONY: proto
proto: need-go ## generate Go from the protos
	@$(BUF) generate

.PHONY: proto-check
proto-check: need-go ## lint the protos; check that they break nothing since the last release, and that their Go is current
	@$(BUF) lint
	@$(BUF) breaking proto --against "$$(ls proto/v*.binpb | sort -V | tail -1)"
	@rm -rf build/_proto-check && mkdir -p build/_proto-check
	@$(BUF) generate -o build/_proto-check
	@diff -r -x '*.proto' -x '*.binpb' build/_proto-check/proto proto || { echo "the generated Go is not current: run make proto" >&2; exit 1; }

# A clone without tags, or without their history, compares as well: what a release promised lies beside the protos.
.PHONY: proto-release
proto-release: need-go ## keep the protos as those of a release, for proto-check: make proto-release TAG=v0.2.0
	@$(BUF) build proto --exclude-source-info -o "proto/$(or $(TAG),$(error say the release: make proto-release TAG=v0.2.0)).binpb"

# Pages whose commands are run as a reader would. Those of the others say why they are not.
PAGES ?= README.md docs/process-engine.md docs/access-keys.md docs/apply.md docs/three-machines.md
.PHONY: walk
walk: fetch ## run the commands of README and docs as they stand, WITHOUT=PAGE to leave one out; three machines of docs/three-machines.md are namespaces: needs root and iproute2
	@go run ./internal/walkthrough $(filter-out $(WITHOUT),$(PAGES))

.PHONY: bench
bench: fetch ## measure, print a table and write build/bench.json
	@mkdir -p build
	@go run ./internal/bench -headrace $(HEADRACE) -out build/bench.json

.PHONY: bench-scheduler
bench-scheduler: need-go ## measure the planner alone, from 1,000 to 50,000 nodes; writes build/bench.json
	@mkdir -p build
	@go run ./internal/bench -only schedule -out build/bench.json

.PHONY: bench-packing
bench-packing: need-go ## measure how well the planner packs mixed machines, beside other policies and a bound; draws docs/packing.svg
	@mkdir -p build
	@go run ./internal/bench -only packing -out build/bench.json -plot docs/packing.svg

.PHONY: bench-spark
bench-spark: fetch ## measure cold and warm Spark runs beside Spark's own cluster; 20 warm ones in a row; writes build/bench.json
	@mkdir -p build
	@go run ./internal/bench -only spark -row 20 -headrace $(HEADRACE) -out build/bench.json

.PHONY: clean
clean: ## remove what was built; the cache of releases stays
	@rm -rf bin build
