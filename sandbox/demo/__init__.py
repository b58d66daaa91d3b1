"""The product's main job, shown from nothing: deploy a cluster, run an app on it, change pins, lose nothing."""

import os

from sandbox.project import ROOT

# The application is imported for its preview, and with it jsii; see `sandbox.project.environment`.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,22")

DIRECTORY = ROOT / ".demo"
MARATHON = "v1.11.24"
APP, TASK_IMAGE = "hello", "busybox:1.35.0"
