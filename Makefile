# The product's two commands are `make demo` and `make test`; both set up what they need.
PYTHON ?= python3
VENV := .venv/.done
NODE := node_modules/.done
POLICY := .venv-policy/.done
CDKTN := .venv-cdktn/.done
RUN := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup diff demo down status pictures shell test test-full lint policy unit unit-cdktn package terraform e2e soak soak-agents bench bench-roll bench-aws clean-cache

help: ## what there is
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(VENV) $(NODE) ## Python environment and cdktf

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

# Of its own: it pins packages that others here need in other versions.
$(POLICY): requirements-policy.txt
	$(PYTHON) -m venv .venv-policy
	.venv-policy/bin/python -m pip install --quiet --no-compile -r requirements-policy.txt
	@touch $@

demo: setup ## a cluster from nothing, an app on it, an upgrade
	@$(RUN) -m sandbox.demo

down: setup ## remove the demo and the sandbox
	@$(RUN) -m sandbox.demo down

status: setup ## what the sandbox runs
	@$(RUN) -m sandbox status

# An environment that was made by hand for deploys, without the tests' packages, is left as it is.
BY_HAND := $(if $(wildcard $(VENV)),,$(and $(wildcard $(RUN)),$(wildcard node_modules/.bin/cdktf)))
diff: $(if $(BY_HAND),,setup) ## what a deploy would do to the whole cluster (ARGS="--help")
	@PATH="$(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$$PATH" $(RUN) -m cdktf_mesos.operations preview $(ARGS)

pictures: setup ## docs/status.svg and docs/preview.svg, of the demo that runs; change a pin in .demo/cdktf.json before
	cd .demo && . ./env && $(CURDIR)/$(RUN) -m cdktf_mesos.operations status --screenshot $(CURDIR)/docs/status.svg || true
	cd .demo && . ./env && $(CURDIR)/$(RUN) -m cdktf_mesos.operations preview --screenshot $(CURDIR)/docs/preview.svg

HOST ?= hs1
shell: setup ## a shell on a host of the sandbox (HOST=hs1)
	@$(RUN) -m sandbox shell $(HOST)

# Two parts side by side, which tests/e2e/conftest.py divides: a deploy mostly waits.
PARTS := -n 2 --dist loadscope

test: setup lint policy unit unit-cdktn ## the tests of every change
	$(RUN) -m pytest $(PARTS) --durations=30 tests/terraform tests/e2e

test-full: setup lint policy unit ## all tests, and those that are too long for every change
	$(MAKE) unit-cdktn ON_CDKTN=tests/unit
	$(RUN) -m pytest -m "full or not full" $(PARTS) --durations=30 tests/terraform tests/e2e

lint: setup ## ruff, mypy, shellcheck, and whether the reference of settings is up to date
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	$(RUN) -m stacks.reference --check
	for example in examples/*/main.py; do .venv/bin/mypy $$example || exit; done
	git grep -lzE '^#!.*[ /](ba)?sh$$' | xargs -0 .venv/bin/shellcheck --shell=bash

policy: setup $(POLICY) ## checkov over what is made on AWS; docs/aws-policy.md justifies what it finds
	PYTHONPATH=. $(RUN) -m tests.policy .venv-policy/bin/checkov

unit: setup ## the quick tests
	$(RUN) -m pytest -n auto --dist loadfile tests/unit

# By default the parts that synthesise the most; none of the sandbox, which knows nothing of the CDK.
ON_CDKTN ?= $(addprefix tests/unit/,role/test_role.py zookeeper mesos/test_masters.py marathon stacks/test_local.py test_bindings.py)
unit-cdktn: $(CDKTN) ## quick tests on CDK Terrain instead of CDKTF (ON_CDKTN=tests/unit: all)
	.venv-cdktn/bin/python -m pytest -n auto --dist loadfile --ignore tests/unit/sandbox $(ON_CDKTN)

package: setup ## wheel and source distribution, built and checked; a part of `make terraform`
	$(RUN) -m pytest tests/terraform/test_package.py

terraform: setup ## the tests with the real Terraform and provider
	$(RUN) -m pytest tests/terraform

e2e: setup ## the tests with real clusters (as root on Debian)
	$(RUN) -m pytest tests/e2e

ROLLS ?= 20
soak: setup ## rolls in a row: nothing is lost, nothing grows (ROLLS=20)
	@$(RUN) -m sandbox.soak --rolls $(ROLLS)

soak-agents: setup ## rolls of all agents in a row: no task notices (ROLLS=30)
	@$(RUN) -m sandbox.agent_soak --rolls $(if $(filter file,$(origin ROLLS)),30,$(ROLLS))

bench: setup ## how long a synth takes, beside a bare cdktf program
	$(RUN) benchmarks/synth.py

bench-roll: setup ## a deploy beside bare terraform, a roll beside docker by hand, in either order of the leader
	PYTHONPATH=. $(RUN) benchmarks/roll.py

bench-aws: setup ## how long a synth on AWS takes, beside plain imports and a bare program, up to 1,000 agents
	$(RUN) benchmarks/aws_synth.py

clean-cache: setup ## empty the cache of what was built and fetched
	$(RUN) -m sandbox clean
