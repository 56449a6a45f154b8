# Every target brings what it needs into .venv and .local; only python3 (3.11 or newer, with venv), make and git are
# taken from the machine.
SHELL := /bin/sh
PYTHON := python3
UV_VERSION := 0.13.9
UV := .local/uv/bin/uv
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# As pip does: where a company's authority signs for the index, it is this machine that knows it.
export UV_SYSTEM_CERTS ?= true
QUIET := $(shell test -t 2 || echo --quiet) # what takes long shows how far it is, on a terminal
# What is compiled once is kept: each of the many processes would else compile its libraries anew (2 s of CPU each).
unexport PYTHONDONTWRITEBYTECODE

FROM := clone

.PHONY: help image-tools images check-images demo drill-restore drill-upgrade drill-rolling-restart up down status test check check-types check-rules check-tests gen promise bench simulate scale kill-runs soak mutants migrate-up run-api run-worker build clean fmt lint

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-21s %s\n", $$1, $$2}'

.local/uv/bin/uv:
	@echo "installing uv $(UV_VERSION) into .local/uv"
	@$(PYTHON) -m venv .local/uv
	@.local/uv/bin/pip install $(QUIET) --disable-pip-version-check uv==$(UV_VERSION)

.venv/synced: uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml clients/*/pyproject.toml deploy/local/pyproject.toml) | $(UV)
	@echo "installing the locked packages into .venv"
	@$(UV) sync $(QUIET) --frozen --python "$$(command -v $(PYTHON))"
	@touch $@

drill-restore: .venv/synced ## the database is lost and restored from a backup: what is kept, lost, and found again
	@$(RUN)/python -m ocpctl_local.drills.restore

drill-upgrade: .venv/synced ## the last release's services beside this one's, then these alone: what was accepted is done
	@$(RUN)/pytest -v --no-header tests/e2e/test_upgrade.py

drill-rolling-restart: .venv/synced ## every service is replaced under load: nothing is lost or done again
	@$(RUN)/python -m ocpctl_local.drills.rolling_restart

demo: .venv/synced ## the whole product in about a minute: create, hand over, destroy, prove (FROM=images)
	@$(RUN)/python -m ocpctl_local.demo --from $(FROM)

up: .venv/synced ## start the local stack and leave it running (FROM=images)
	@$(RUN)/python -m ocpctl_local up --from $(FROM)

down: .venv/synced ## stop the local stack
	@$(RUN)/python -m ocpctl_local down

status: .venv/synced ## what of the local stack runs
	@$(RUN)/python -m ocpctl_local status

test: check ## all checks and all tests
	$(RUN)/pytest -n 4 --dist loadfile --no-loadscope-reorder # more than cores: most of a fault test is waiting

check: .venv/synced ## lint, types, import contracts, contract lint, freshness of generated files
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-rules check-tests

check-types: .venv/synced
	$(RUN)/mypy libs/common/src/ocpctl_common services clients deploy/envoy deploy/local migrations tools tests

check-tests: .venv/synced # all tests can be read; what is compiled for it need not be compiled by each process of `test`
	@$(RUN)/pytest --collect-only -qq > .local/tests.txt || { cat .local/tests.txt; exit 1; }

check-rules: .venv/synced
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/lint-imports
	$(RUN)/buf lint
	$(RUN)/buf breaking protos --against protos/promised.binpb
	$(RUN)/python -m tools.generate --check
	$(RUN)/hadolint deploy/images/Containerfile
	$(RUN)/cfn-lint deploy/cloudformation/*.yaml
	$(RUN)/yamllint profiles deploy/cloudformation deploy/kubernetes clients examples .github .pre-commit-config.yaml
	$(RUN)/zizmor --offline --quiet .github clients/github-action examples/github-actions.yml

gen: .venv/synced ## generate code, descriptors and the diagram anew
	$(RUN)/python -m tools.generate
	$(RUN)/python -m tools.printed
	$(RUN)/python -m tools.dashboards

promise: .venv/synced ## promise the contract as it is now: from then on `make check` refuses what would break its users
	$(RUN)/buf build protos -o protos/promised.binpb

bench: .venv/synced ## measure speed and size as ratios (about six minutes; PARTS=idle measures one part)
	@$(RUN)/python -m tests.bench $(PARTS)

simulate: .venv/synced ## 10,000 random histories of the protocol, judged after every step (about eight minutes)
	@$(RUN)/python -m tests.simulation

scale: .venv/synced ## 60 creates and 20 destroys on runners that are started one a job, as KEDA does it (about ten minutes)
	@$(RUN)/python -m tests.scaling

kill-runs: .venv/synced ## 100 times `ocpctl run` loses its life, its parent or its network: nothing is left (about ten minutes)
	@$(RUN)/python -m tests.faults.run_kills

soak: .venv/synced ## 1,000 clusters created and destroyed while everything dies (one to two hours; SEED=n)
	@$(RUN)/python -m tests.faults.soak --seed $(or $(SEED),1)

mutants: .venv/synced ## flip operators, then take safeguards out, one at a time: the tests must notice (about 35 minutes)
	@$(RUN)/python -m tests.flips
	@$(RUN)/python -m tests.mutants

migrate-up: .venv/synced ## migrate the database of OCPCTL_DATABASE_URL to the newest revision
	@$(RUN)/python -m ocpctl_migrations

run-api: .venv/synced ## run an api-gateway with settings from the environment
	@$(RUN)/python -m ocpctl_api_gateway

run-worker: .venv/synced ## run an installer-runner with settings from the environment
	@$(RUN)/python -m ocpctl_installer_runner

image-tools: ## install what makes images, from Debian's packages; needs root
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah debootstrap

images: .venv/synced ## build all container images (BASE=image, or BASE=local: without a registry); needs root and buildah
	@$(RUN)/python -m tools.images $(if $(BASE),--base $(BASE))

check-images: .venv/synced ## build all images without a registry, look into them, run the demo from them
	@$(RUN)/python -m tools.images --base local
	@$(RUN)/python -m tools.images.contents
	@$(RUN)/python -m ocpctl_local.demo --from images

build: .venv/synced ## build the wheels of all members into dist/
	$(UV) build --quiet --all-packages --wheel --out-dir dist
	@ls dist

clean: ## remove everything that was built or installed; stops what runs first
	@for stack in .local/*/state.json; do \
	  test ! -x $(RUN)/python || test ! -f $$stack || $(RUN)/python -m ocpctl_local --folder $$(dirname $$stack) down || exit 1; \
	done
	@test ! -d .local/images || test ! -x $(RUN)/python || $(RUN)/python -m tools.images --remove
	rm -rf .venv .local dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

fmt: .venv/synced ## format the code
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

lint: check ## the same as check
