"""The demo: deploys a cluster, runs an app on it, upgrades the cluster, and shows that nothing was lost."""

import os

from sandbox import repeated
from sandbox.project import ROOT

# The demo imports `cdktf_mesos`, which loads jsii. This silences jsii's notice; see `sandbox.project.environment`.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,22")

DIRECTORY = ROOT / ".demo"
MARATHON = "v1.11.24"
APP, TASK_IMAGE = "web", "busybox:1.35.0"
BALANCER = "v1.15.0"
# Load balancers serve the app as `web.<domain>`.
DOMAIN = "apps.example.com"
# For a slow computer. The demo then has one machine of each kind, sends fewer requests, and has fewer health checks.
# With all of them, an emulated machine gets nothing else done.
SMALL = bool(os.environ.get("SMALL"))
# How long the demo waits between two requests to the app, two writes and two polls of the members, in seconds.
PAUSE = 1.0 if SMALL else repeated.PAUSE
# Settings of all components: the time between two health checks. Without SMALL it is the default, 3 s.
CHECKS = {"health_interval_seconds": 15} if SMALL else {}
# How long each check, the cluster and the app may take, in seconds: enough for an emulated machine.
WAIT_SECONDS = 300
# How long a deploy may take, in seconds: its images may come over a slow network, or to an emulated machine.
DEPLOY_SECONDS = 1800
# On a slow computer, an executor takes longer than Mesos's 2 s to come back to a new agent, which then ends its tasks
# (docs/task-survival.md, "What happens at a roll").
AGENT_SETTINGS = {**CHECKS, "flags": {"executor_reregistration_timeout": "15secs"}}
