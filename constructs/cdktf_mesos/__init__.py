"""Constructs for CDK for Terraform that run an Apache Mesos cluster in Docker containers."""

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.host.registry import Registry
from cdktf_mesos.host.tls import TlsMaterial
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.pin import Pin
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.marathon import Marathon
from cdktf_mesos.mesos.agent.disks import Disk
from cdktf_mesos.mesos.agent.pool import MesosAgentPool
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll import Machine, MachineCheck, Phase, Preflight, Roll, hosts_of, leaving_of
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

__all__ = [
    "Bump",
    "ContainerOptions",
    "ContainerSpec",
    "Disk",
    "DockerHost",
    "HostCheck",
    "Image",
    "Machine",
    "MachineCheck",
    "Marathon",
    "Member",
    "MesosAgentPool",
    "MesosMasterSet",
    "Mount",
    "Phase",
    "Pin",
    "Port",
    "Preflight",
    "Probe",
    "Registry",
    "Release",
    "Role",
    "Roll",
    "TlsMaterial",
    "ZookeeperEnsemble",
    "hosts_of",
    "leaving_of",
]
