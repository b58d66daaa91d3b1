"""The product's main job, shown from nothing: deploy a cluster, run an app on it, change pins, lose nothing."""

from sandbox.project import ROOT

DIRECTORY = ROOT / ".demo"
MARATHON = "v1.11.24"
APP, TASK_IMAGE = "hello", "busybox:1.35.0"
