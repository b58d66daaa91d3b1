"""Constructs for CDK for Terraform that run an Apache Mesos cluster in Docker containers."""

from cdktf_mesos.agents import MesosAgentPool
from cdktf_mesos.container import Member
from cdktf_mesos.disks import Disk
from cdktf_mesos.host import DockerHost
from cdktf_mesos.image import Image
from cdktf_mesos.marathon import Marathon
from cdktf_mesos.masters import MesosMasterSet
from cdktf_mesos.options import ContainerOptions, Mount
from cdktf_mesos.pin import Pin
from cdktf_mesos.preflight import Preflight
from cdktf_mesos.registry import Registry
from cdktf_mesos.tls import TlsMaterial
from cdktf_mesos.zookeeper import ZookeeperEnsemble

__all__ = [
    "ContainerOptions",
    "Disk",
    "DockerHost",
    "Image",
    "Marathon",
    "Member",
    "MesosAgentPool",
    "MesosMasterSet",
    "Mount",
    "Pin",
    "Preflight",
    "Registry",
    "TlsMaterial",
    "ZookeeperEnsemble",
]
