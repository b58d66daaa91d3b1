# The two main targets are `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv/.done
NODE := node_modules/.done
POLICY := .venv-policy/.done
CDKTN := .venv-cdktn/.done
RUN := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Images of CI often set this. Without byte code, each start of Python compiles the CDK again.
export PYTHONDONTWRITEBYTECODE :=
# Else jsii prints a notice about Node 20 for each program of a test, among what a failed test shows.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 18,20,22

.PHONY: help setup diff demo down status pictures shell test clusters meanwhile test-full test-required lint policy unit unit-cdktn package terraform e2e soak soak-agents bench bench-roll bench-aws clean-cache

help: ## show all targets
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(VENV) $(NODE) ## install the Python environment and cdktf

$(VENV): requirements.txt requirements-dev.txt requirements-test.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet --no-compile -r requirements-dev.txt
	@touch $@

$(NODE): package.json package-lock.json .npmrc
	npm ci --no-progress --loglevel=error
	@touch $@

$(CDKTN): requirements-cdktn.txt requirements-test.txt pyproject.toml
	$(PYTHON) -m venv .venv-cdktn
	.venv-cdktn/bin/python -m pip install --quiet --no-compile -r requirements-cdktn.txt -r requirements-test.txt
	@touch $@

# checkov has its own environment, because it pins packages that the others need in other versions.
$(POLICY): requirements-policy.txt
	$(PYTHON) -m venv .venv-policy
	.venv-policy/bin/python -m pip install --quiet --no-compile -r requirements-policy.txt
	@touch $@

demo: setup ## deploy a cluster, run an app on it, upgrade the cluster (SMALL=yes: on two hosts instead of five)
	@$(RUN) -m sandbox.demo

down: setup ## remove the demo and the sandbox
	@$(RUN) -m sandbox.demo down

status: setup ## show what the sandbox runs
	@$(RUN) -m sandbox status

# If an environment was made by hand for deploys, without the tests' packages, do not run `setup` in it.
BY_HAND := $(if $(wildcard $(VENV)),,$(and $(wildcard $(RUN)),$(wildcard node_modules/.bin/cdktf)))
diff: $(if $(BY_HAND),,setup) ## preview what a deploy would change in the whole cluster (ARGS="--help")
	@PATH="$(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$$PATH" $(RUN) -m cdktf_mesos.operations preview $(ARGS)

pictures: setup ## draw docs/status.svg and docs/preview.svg of the running demo; change a pin in .demo/cdktf.json first
	cd .demo && . ./env && $(CURDIR)/$(RUN) -m cdktf_mesos.operations status --screenshot $(CURDIR)/docs/status.svg || true
	cd .demo && . ./env && $(CURDIR)/$(RUN) -m cdktf_mesos.operations preview --screenshot $(CURDIR)/docs/preview.svg

HOST ?= hs1
shell: setup ## open a shell on a host of the sandbox (HOST=hs1)
	@$(RUN) -m sandbox shell $(HOST)

# The tests run in three parts at the same time (see tests/e2e/conftest.py), because a deploy mostly waits.
PARTS := -n 3 --dist loadscope

# The quick checks come first. Others run while clusters are deployed, with lower priority. If one fails, `make` still
# waits for the clusters, and fails then.
test: setup lint unit ## run the tests for every change, as CI does
	@$(MAKE) --no-print-directory --jobs=2 clusters meanwhile

clusters: setup
	$(RUN) -m pytest $(PARTS) --durations=30 tests/terraform tests/e2e

meanwhile:
	nice $(MAKE) --no-print-directory policy unit-cdktn

test-full: setup lint policy unit ## run all tests, also those that are too slow for every change
	$(MAKE) unit-cdktn ON_CDKTN=tests/unit
	$(RUN) -m pytest -m "full or not full" $(PARTS) --durations=30 tests/terraform tests/e2e

AT_REQUIRED := $(addprefix tests/e2e/test_,roll.py growth.py replacement.py pools.py status.py cluster.py backup.py)
test-required: setup ## run the tests of rolls, growth, pools, status and backup on closed clusters
	CDKTF_MESOS_TEST_STAGE=required $(RUN) -m pytest -m "full or not full" --durations=30 $(AT_REQUIRED)

lint: setup ## run ruff, mypy and shellcheck, and check that docs/settings.md is up to date
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	$(RUN) -m stacks.reference --check
	for example in examples/*/main.py examples/framework-tests/*.py; do .venv/bin/mypy $$example || exit; done
	git grep -lzE '^#!.*[ /](ba)?sh$$' | xargs -0 .venv/bin/shellcheck --shell=bash

policy: setup $(POLICY) ## run checkov on the AWS resources; docs/aws-policy.md justifies its findings
	PYTHONPATH=. $(RUN) -m tests.policy .venv-policy/bin/checkov

unit: setup ## run the unit tests
	$(RUN) -m pytest -n auto --dist loadfile tests/unit

# By default the tests that synthesise the most. Those of the sandbox are left out: it does not use the CDK.
ON_CDKTN ?= $(addprefix tests/unit/,role/test_role.py zookeeper mesos/test_masters.py marathon stacks/test_local.py test_bindings.py)
unit-cdktn: $(CDKTN) ## run unit tests on CDK Terrain instead of CDKTF (ON_CDKTN=tests/unit: all of them)
	.venv-cdktn/bin/python -m pytest -n auto --dist loadfile --ignore tests/unit/sandbox $(ON_CDKTN)

package: setup ## build and check wheel and source distribution; a part of `make terraform`
	$(RUN) -m pytest tests/terraform/test_package.py

terraform: setup ## run the tests with the real Terraform and providers
	$(RUN) -m pytest tests/terraform

e2e: setup ## run the tests with real clusters (as root on Debian 12)
	$(RUN) -m pytest tests/e2e

ROLLS ?= 20
soak: setup ## roll a cluster many times: nothing may be lost or grow (ROLLS=20)
	@$(RUN) -m sandbox.soak --rolls $(ROLLS)

soak-agents: setup ## roll all agents many times: no task may be disturbed (ROLLS=30)
	@$(RUN) -m sandbox.agent_soak --rolls $(if $(filter file,$(origin ROLLS)),30,$(ROLLS))

bench: setup ## measure a synth, compared with a bare cdktf program
	$(RUN) benchmarks/synth.py

bench-roll: setup ## measure deploys and rolls, compared with bare Terraform and with docker by hand
	PYTHONPATH=. $(RUN) benchmarks/roll.py

bench-aws: setup ## measure a synth on AWS with up to 1,000 agents, compared with plain imports and a bare program
	$(RUN) benchmarks/aws_synth.py

clean-cache: setup ## empty the cache of everything built and fetched
	$(RUN) -m sandbox clean
