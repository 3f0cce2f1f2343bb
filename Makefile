# `make help` lists the commands. Go is the only tool they need; gcc only for the
# race detector, npm only for the stand-ins. Other tools are Go modules at a fixed
# version, built on first use and no dependencies of the product.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
WORKFLOWCHECK := go run go.temporal.io/sdk/contrib/tools/workflowcheck@v0.6.0

# Not run under the race detector: the packages that link the engine, which would
# take too long to build (architecture_test.go lists them), and the tests that
# drive built binaries.
NO_RACE := ^switchboard/(cmd/dev|cmd/dev/engine|bench|test/e2e)$$

# The product is built without a C compiler, here as anywhere.
export CGO_ENABLED := 0

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: dev
dev: ## start everything on this machine (first build: some minutes)
	go run ./cmd/dev

.PHONY: build
build: ## build the production binary into bin/
	go build -trimpath -o bin/switchboard ./cmd/switchboard

.PHONY: test
test: ## run all tests; those of tools that are not installed are skipped
	go test -timeout 30m ./...

.PHONY: standins
standins: ## install programs by others that tests use (needs npm)
	npm ci --prefix test/standins --ignore-scripts --no-audit --no-fund

.PHONY: check
check: fmt-check vet lint workflowcheck generate-check replay race test ## everything CI asks for

.PHONY: fmt
fmt: ## format the code
	$(GOLANGCI_LINT) fmt

.PHONY: fmt-check
fmt-check: ## fail on code that is not formatted
	$(GOLANGCI_LINT) fmt --diff

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: lint
lint: ## run golangci-lint, with the arrows between packages
	$(GOLANGCI_LINT) run

.PHONY: workflowcheck
workflowcheck: ## fail on workflow code that would not replay
	$(WORKFLOWCHECK) -config workflowcheck.yaml ./workflows/...

.PHONY: replay
replay: ## replay recorded histories with today's workflow code
	go test -count=1 -run Replay ./workflows/...

.PHONY: record-replay
record-replay: ## record a release's histories for replay: make record-replay RELEASE=v1.0.0
	@test -n "$(RELEASE)" || { echo "which release? make record-replay RELEASE=v1.0.0" >&2; exit 2; }
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	git archive "$(RELEASE)" | tar -x -C "$$folder"; \
	(cd "$$folder" && go build -o dev ./cmd/dev); \
	go run ./tools/record -dev "$$folder/dev" -release "$$(git describe --tags --always "$(RELEASE)")"

.PHONY: race
race: ## run the tests under the race detector (needs gcc), except those with the engine
	CGO_ENABLED=1 go test -race -timeout 30m $$(go list ./... | grep -vE '$(NO_RACE)')

.PHONY: bench
bench: ## measure routing against an empty workflow, mail that comes in, idle visitors and long lists
	go run ./bench
	go test -run '^$$' -bench . -benchtime 30x -timeout 60m ./bench ./routing

.PHONY: generate
generate: ## regenerate the Go types of api/openapi.yaml
	go generate ./...

.PHONY: generate-check
generate-check: ## fail when generated code is not up to date
	@checksum() { find . -name '*.gen.go' -print0 | sort -z | xargs -0 cksum; }; \
	before=$$(checksum); $(MAKE) --no-print-directory generate; \
	diff <(echo "$$before") <(checksum) || { echo "generated code was out of date: commit the result of make generate" >&2; exit 1; }
