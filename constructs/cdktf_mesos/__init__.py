"""Constructs for CDK for Terraform that run an Apache Mesos cluster in Docker containers."""

from cdktf_mesos.container.member import Member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.host.registry import Registry
from cdktf_mesos.host.tls import TlsMaterial
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.pin import Pin
from cdktf_mesos.marathon.marathon import Marathon
from cdktf_mesos.mesos.agent.disks import Disk
from cdktf_mesos.mesos.agent.pool import MesosAgentPool
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.roll.preflight import Preflight
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

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
