"""The demo: deploys a cluster, runs an app on it, upgrades the cluster, and shows that nothing was lost."""

import os

from sandbox.project import ROOT

# The demo imports `cdktf_mesos`, which loads jsii. This silences jsii's notice; see `sandbox.project.environment`.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,22")

DIRECTORY = ROOT / ".demo"
MARATHON = "v1.11.24"
APP, TASK_IMAGE = "web", "busybox:1.35.0"
BALANCER = "v1.15.0"
# Load balancers serve the app as `web.<domain>`.
DOMAIN = "apps.example.com"
# For a slow computer: one machine of each kind, and everything is asked and checked less often. Otherwise an emulated
# machine has time for nothing else.
SMALL = bool(os.environ.get("SMALL"))
# The time between two requests, writes or looks at the members during the upgrade, in seconds.
PAUSE = 1.0 if SMALL else 0.05
CHECKS = {"health_interval_seconds": 15} if SMALL else {}
# How long each check, the cluster and the app may take, in seconds: enough for an emulated machine.
WAIT_SECONDS = 300
# How long a deploy may take, in seconds: its images may come over a slow network, or to an emulated machine.
DEPLOY_SECONDS = 1800
# On a slow computer, an executor takes longer than Mesos's 2 s to come back to a new agent, which then ends its tasks
# (docs/task-survival.md, "What happens at a roll").
AGENT_SETTINGS = {**CHECKS, "flags": {"executor_reregistration_timeout": "15secs"}}
