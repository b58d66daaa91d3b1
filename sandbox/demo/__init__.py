"""The product's main job, shown from nothing: deploy a cluster, run an app on it, change a pin, lose nothing."""

from sandbox.project import ROOT

DIRECTORY = ROOT / ".demo"
ZOOKEEPER, MARATHON = "3.9.4", "v1.11.24"
APP, TASK_IMAGE = "hello", "busybox:1.35.0"
