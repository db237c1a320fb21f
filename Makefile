# Everything a developer runs. `make` alone builds.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.PHONY: build test lint interop apiserver e2e soak dashboard-test screenshots bench bench-quick bench-micro bench-operator run clean crds bench-discovery images reference

CONFIGURATION ?= Release

# etcd, kube-apiserver and kubectl by the envtest convention.
define FIND_ASSETS
if [ -z "$${KUBEBUILDER_ASSETS:-}" ]; then \
  [ -x ../shared/kube/assets ] || { echo 'KUBEBUILDER_ASSETS is not set; try: export KUBEBUILDER_ASSETS=$$(setup-envtest use -p path)' >&2; exit 1; }; \
  KUBEBUILDER_ASSETS=$$(../shared/kube/assets) || { echo '../shared/kube/assets failed; see above' >&2; exit 1; }; \
  export KUBEBUILDER_ASSETS; \
fi
endef

# A runnable artifacts/vmcp: the program itself is in artifacts/cli, the launcher beside it works from any folder. The operator is in
# artifacts/operator, ready to be put into an image.
build:
	dotnet publish src/Vmcp.Cli --configuration $(CONFIGURATION) --output artifacts/cli --nologo --verbosity quiet
	install -m 0755 src/Vmcp.Cli/launcher.sh artifacts/vmcp
	dotnet publish src/Vmcp.Operator.Host --configuration $(CONFIGURATION) --output artifacts/operator --nologo --verbosity quiet
	@echo "built artifacts/vmcp and artifacts/operator/vmcp-operator"

test:
	dotnet test

lint:
	dotnet format Vmcp.slnx --verify-no-changes
	bash .ci/lint

# Foreign clients and servers around the gateway; needs node and npm. SUITES="word ..." runs only suites with that word in their name.
interop: build
	bash tests/interop/run.sh $(SUITES)

# Tests against a real API server.
apiserver:
	@$(FIND_ASSETS); \
	echo "API server from $$KUBEBUILDER_ASSETS"; \
	dotnet test --project tests/Vmcp.ApiServer.Tests -p:ApiServerTests=true

# The whole system: a real API server, the shipped manifests, real operator and gateway processes run by a test kubelet, real MCP servers.
e2e:
	@$(FIND_ASSETS); \
	echo "API server from $$KUBEBUILDER_ASSETS"; \
	if command -v npm > /dev/null; then bash tests/interop/install.sh; else echo "without npm there is no test with server-everything" >&2; fi; \
	dotnet build tests/Vmcp.E2E -p:EndToEndTests=true --nologo --verbosity quiet; \
	began=$$(date +%s); code=0; \
	dotnet run --project tests/Vmcp.E2E -p:EndToEndTests=true --no-build -- --filter-not-class "*.SoakTests" --no-progress --show-live-output on || code=$$?; \
	echo "e2e took $$(( $$(date +%s) - began )) s"; exit "$$code"

# The long run of the same ring: churn and clients of both eras; memory, sockets and sessions must stay level. VMCP_SOAK_MINUTES=20.
soak:
	@$(FIND_ASSETS); \
	dotnet build tests/Vmcp.E2E -p:EndToEndTests=true --nologo --verbosity quiet; \
	dotnet run --project tests/Vmcp.E2E -p:EndToEndTests=true --no-build -- --filter-class "*.SoakTests" --explicit only --output Detailed --show-live-output on

# The dashboard in a real browser: Debian's chromium, or CHROMIUM=path. Leaves screenshots in artifacts/dashboard.
dashboard-test:
	dotnet test --project tests/Vmcp.Dashboard.Tests -p:DashboardTests=true

# The pictures of the README, from the same tests.
screenshots: dashboard-test
	mkdir -p docs/pictures
	cp artifacts/dashboard/light.png docs/pictures/dashboard.png
	cp artifacts/dashboard/status.png docs/pictures/status.png

# Calls per second, latency and CPU, direct and through the gateway (25 minutes), then start, sessions and lists (3 minutes). Needs wrk: apt-get
# install wrk. ARGS="--only 'Modern, 16'" for a part of it. Results in artifacts/bench.
bench: build
	dotnet run --configuration Release --project bench/Vmcp.Bench -- calls $(ARGS)
	dotnet run --configuration Release --project bench/Vmcp.Bench -- state

# Four ratios in a minute, against those in bench/recorded.json; fails below half of one.
bench-quick: build
	dotnet run --configuration Release --project bench/Vmcp.Bench -- quick

# The CustomResourceDefinitions, from the records in src/Vmcp.Resources and their docstrings.
crds:
	dotnet run --project tools/Vmcp.CrdGenerator -- deploy/crds

# The pages of docs/reference, from the code that reads resources, files and command lines.
reference:
	dotnet run --project tools/Vmcp.Reference -- docs/reference

# The parts of a request one by one, with the bytes they allocate. ARGS="--filter '*Seal*'" for some of them. Results in artifacts/bench.
bench-micro:
	dotnet run --configuration Release --project bench/Vmcp.Micro -- $(ARGS)

# One full pass of the operator over many VirtualMCPServers on the in-memory cluster: time, memory, requests.
bench-operator:
	dotnet run --configuration Release --project bench/Vmcp.OperatorBench

# A gateway over a group of 500 backends in a real API server: sync, lists, first call, memory, and how soon a change is told.
bench-discovery: build
	@$(FIND_ASSETS); \
	dotnet run --configuration Release --project bench/Vmcp.DiscoveryBench -- artifacts/cli/vmcp.dll

# Two small servers and a gateway over them.
run:
	dotnet run --project samples/Quickstart

clean:
	rm -rf artifacts
	find src tests tools samples bench -type d \( -name bin -o -name obj \) -not -path '*/node_modules/*' -prune -exec rm -rf {} + 2>/dev/null || true

# OCI archives of both programs in artifacts/images, without a container engine, each with a bill of materials (docs/images.md). BASE=scratch needs
# no registry of images: a self-contained publish over the libraries of the Debian or Ubuntu this runs on. BASE=chiseled is Microsoft's image below it.
BASE ?= chiseled
VERSION ?= $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
IMAGE_FLAGS := --configuration Release --nologo --verbosity quiet -p:ContinuousIntegrationBuild=true -p:DebugType=none -p:Version=$(VERSION)
images:
	@mkdir -p artifacts/images; \
	for pair in Vmcp.Cli:vmcp Vmcp.Operator.Host:vmcp-operator; do \
	  project=src/$${pair%%:*} program=$${pair##*:} published=artifacts/publish/$(BASE)/$${pair##*:}; \
	  rm -rf "$$published"; \
	  case "$(BASE)" in \
	    scratch) \
	      dotnet publish "$$project" $(IMAGE_FLAGS) --runtime linux-x64 --self-contained --output "$$published"; \
	      dotnet run --project tools/Vmcp.Images -- scratch "$$program" "$(VERSION)" "$$published" artifacts/images ;; \
	    chiseled) \
	      dotnet publish "$$project" $(IMAGE_FLAGS) --runtime linux-x64 --no-self-contained --output "$$published" -t:PublishContainer \
	        -p:ContainerImageTag=$(VERSION) -p:ContainerArchiveOutputPath="$$PWD/artifacts/images/$$program.tar" \
	        || { echo "the base image could not be had; without a registry: make images BASE=scratch" >&2; exit 1; }; \
	      dotnet run --project tools/Vmcp.Images -- sbom "$$program" "$(VERSION)" "$$published" artifacts/images; \
	      du -h "artifacts/images/$$program.tar" ;; \
	    *) echo "BASE is $(BASE); it can be chiseled or scratch" >&2; exit 1 ;; \
	  esac; \
	done; \
	cd artifacts/images && sha256sum vmcp.tar vmcp.cdx.json vmcp-operator.tar vmcp-operator.cdx.json > SHA256SUMS
