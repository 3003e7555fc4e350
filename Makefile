# spywire: `make` lists the targets. Everything a target needs it sets up itself; Go and git are enough.
SHELL   := /bin/bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/spywire/spywire/internal/telemetry.version=$(VERSION)
LINT    := go tool -modfile=internal/tools/go.mod
FUZZ    ?= 20s
FUZZ_IN ?= .
BENCH   ?=
CHAOS   ?= -seeds 2
QUALITY ?=
PUSH    ?=
IMAGE   ?=

.DEFAULT_GOAL := help
.PHONY: help run build image chart deploy-test test race postgresql prometheus shellcheck watch lint fuzz bench chaos model quality schemas clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## start everything in one process: the sample newsroom and the real feeds
	./spywire run --sample

build: ## compile ./spywire, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o spywire ./cmd/spywire

image: ## build the container image for amd64 and arm64 into dist/, without Docker; PUSH names a registry's reference
	go -C deploy/image run . -version '$(VERSION)' -revision "$$(git rev-parse HEAD)" -created "$$(git log -1 --format=%ct)" -push '$(PUSH)'

chart: ## pack the Helm chart of VERSION into dist/; IMAGE names the repository that its image is in
	go -C deploy/test run ./chart -version '$(VERSION)' -image '$(IMAGE)'

# -count=1: what is tested lies outside the module, and go test would not see it change.
deploy-test: shellcheck ## image, chart in every mode (strict types, schemas, policies), compose file, release workflow, e2e script
	go -C deploy/image test -count=1 ./...
	go -C deploy/test test -count=1 . ./chart

test: postgresql ## all tests, with real NATS, SQLite, PostgreSQL and HTTP on loopback
	go test ./...

race: postgresql ## all tests under the race detector
	go test -race ./...

# The tests start a PostgreSQL of their own, and a PgBouncer before it. Where they are missing and cannot be installed the tests
# say so and are skipped, but with CI set they fail.
postgresql:
	@PATH="$$PATH:/usr/sbin:$$(echo /usr/lib/postgresql/*/bin | tr ' ' :)"; command -v initdb >/dev/null && command -v pgbouncer >/dev/null && exit 0; \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	if command -v apt-get >/dev/null && { [ -z "$$root" ] || command -v sudo >/dev/null; }; then \
	  echo "installing PostgreSQL for the tests: $$root apt-get install postgresql pgbouncer"; \
	  $$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql pgbouncer >/dev/null && exit 0; \
	fi; echo "PostgreSQL and PgBouncer could not be installed: their tests will be skipped (with CI set they fail). Install your system's packages and try again." >&2

# As with PostgreSQL: what is watched with is tested with a real promtool, and the shell with a real shellcheck.
prometheus shellcheck:
	@command -v $(subst prometheus,promtool,$@) >/dev/null && exit 0; root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	if command -v apt-get >/dev/null && { [ -z "$$root" ] || command -v sudo >/dev/null; }; then \
	  echo "installing $@ for the tests: $$root apt-get install $@"; \
	  $$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $@ >/dev/null && exit 0; \
	fi; echo "$@ could not be installed: tests with it will be skipped (with CI set they fail). Install your system's package and try again." >&2

# -count=1: files outside the test's module are no reason for go test to run it again. -parallel: what these tests do is mostly wait.
watch: prometheus postgresql ## dashboards, alerts and runbook, held to the binary and asked of a real Prometheus and PostgreSQL
	go -C deploy/test test -count=1 -parallel 5 -timeout 40m ./watch

lint: shellcheck ## formatting, vet and the pinned linters
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet ./...
	$(LINT) golangci-lint run ./...
	$(LINT) actionlint .github/workflows/*.yml
	cd internal/bench && go vet ./... && go tool -modfile=../tools/go.mod golangci-lint run ./...
	cd deploy/test && go vet ./... && go tool -modfile=../../internal/tools/go.mod golangci-lint run ./...
	cd deploy/image && go vet ./... && go tool -modfile=../../internal/tools/go.mod golangci-lint run ./...

# A run that ends while Go's fuzzer tells its workers to stop fails with "context deadline exceeded" now and then, with no input to
# show for it: that is the clock and not a finding.
fuzz: ## every fuzz target for FUZZ (20s) each; FUZZ_IN names directories to look in
	@set -eo pipefail; said=$$(mktemp); trap 'rm -f "$$said"' EXIT; \
	for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' $(addprefix ./,$(FUZZ_IN)) | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$pkg/*_test.go | cut -c6-); do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ) -fuzzminimizetime 1s $$pkg 2>&1 | tee "$$said" || \
	      { grep -q '^    context deadline exceeded$$' "$$said" && ! grep -q 'Failing input' "$$said"; }; done; done

bench: ## what an article costs, beside a plain loop and the bound (BENCH=-help lists its flags)
	go -C internal/bench run . $(BENCH)
	go test -run none -bench SearchInsert -benchtime 15x -count 3 ./sink/sqlite ./sink/postgres
	go test -run none -bench 'Classify|Load' -cpu 1 -count 3 ./classifier

quality: ## extraction scores and cost beside other libraries (QUALITY=-help lists its flags)
	go -C internal/bench run ./quality $(QUALITY)

chaos: ## real processes, killed, paused and restarted by seed: nothing is lost, nothing twice (CHAOS=-help lists its flags)
	go run ./internal/chaos $(CHAOS)

model: ## train the classifier's model from the development data beside the checkout
	go run ./cmd/spywire train --data ../shared/data/stories --out classifier/model/spywire.model

schemas: ## write deploy/schemas from the records and the topology table
	go run ./cmd/spywire schema --out deploy/schemas

clean: ## remove what was built (the data directory stays)
	rm -rf spywire dist
