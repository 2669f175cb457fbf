# Tributary. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0
GO_FILES = $(shell git ls-files '*.go' 2> /dev/null)
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
VERSION = $(shell git describe --always --dirty 2> /dev/null || echo unknown)
DATA ?=
PARTICIPANTS ?= 5
BENCH ?=
PEER ?=
DURATION ?= 30s
FLAGS ?=

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the binary, at bin/tributary
	@mkdir -p bin
	@start=$$(date +%s.%N); go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/tributary ./cmd/tributary && \
		echo "$$(date +%s.%N) $$start" | awk '{ printf "%.1f", $$1 - $$2 }' > bin/.build-seconds

demo: build ## the whole main job on fresh data, embedded parts only: [DATA=folder of bundles] [PARTICIPANTS=n]
	@bin/tributary demo --participants $(PARTICIPANTS) --build-seconds "$$(cat bin/.build-seconds)" $(if $(DATA),--data $(DATA))

run: build ## the service and a sandbox provider, kept running
	@bin/tributary run

test: tools ## everything, with real PostgreSQL, Redis and Chromium, which it installs
	@$(MAKE) --no-print-directory lint
	PG_OPTIONS="-c fsync=off -c synchronous_commit=off -c full_page_writes=off" .ci/services $(MAKE) --no-print-directory gotest

gotest:
	TRIBUTARY_NODE_MODULES=$(CURDIR)/.cache/node/node_modules TRIBUTARY_TEST_CHROMIUM=$$(command -v chromium) \
		go test -timeout 35m ./...

quick: ## the tests on embedded parts only
	go test ./...

tools:
	@.ci/setup postgresql redis chromium node poppler

bench: build ## the figures of docs/performance.md: [BENCH=folder of k6 scripts] [PEER=FHIR base URL] [DATA=folder] [FLAGS=…]
	@.ci/setup postgresql redis
	@BENCH="$(BENCH)" PEER="$(PEER)" DATA="$(DATA)" DURATION="$(DURATION)" .ci/bench $(FLAGS)

format:
	@unformatted=$$(gofmt -l $(GO_FILES)); [ -z "$$unformatted" ] || { echo "gofmt would change: $$unformatted"; exit 1; }

lint: format ## gofmt, go vet, staticcheck
	go vet ./...
	go run $(STATICCHECK) ./...

generate: ## the generated tables, from HL7's definitions in $$TRIBUTARY_TESTDATA, and the films of changed consent modules
	@.ci/generate

pictures: ## those of the documentation, from the screenshots in out/screens that the browser tests leave
	go run ./docs/pictures/gen out/screens docs/pictures

clean: ## what was built
	rm -rf bin out

.PHONY: help build demo run test gotest quick tools bench format lint generate pictures clean
