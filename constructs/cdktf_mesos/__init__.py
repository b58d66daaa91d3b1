"""Constructs for CDK for Terraform that run an Apache Mesos cluster in Docker containers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cdktf_mesos.cdk import library

if TYPE_CHECKING:
    from cdktf_mesos.compatibility.bump import Bump
    from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
    from cdktf_mesos.container.options import ContainerOptions, Mount
    from cdktf_mesos.host.host import DockerHost
    from cdktf_mesos.host.registry import Registry
    from cdktf_mesos.host.tls import TlsMaterial
    from cdktf_mesos.image.image import Image
    from cdktf_mesos.image.pin import Pin
    from cdktf_mesos.image.release import Release
    from cdktf_mesos.load_balancer.marathon_lb import MarathonLb
    from cdktf_mesos.marathon.app.app import MarathonApp
    from cdktf_mesos.marathon.app.apps import MarathonApps
    from cdktf_mesos.marathon.app.framework import MarathonFramework
    from cdktf_mesos.marathon.marathon import Marathon
    from cdktf_mesos.mesos.agent.container_dns import ContainerDns
    from cdktf_mesos.mesos.agent.disks import Disk
    from cdktf_mesos.mesos.agent.pool import MesosAgentPool
    from cdktf_mesos.mesos.masters import MesosMasterSet
    from cdktf_mesos.mesos_dns.mesos_dns import MesosDns
    from cdktf_mesos.mesos_exporter.mesos_exporter import AgentExporter, MasterExporter
    from cdktf_mesos.role.ports import Port
    from cdktf_mesos.role.probe import Probe
    from cdktf_mesos.role.role import Role
    from cdktf_mesos.roll import Machine, MachineCheck, Phase, Preflight, Roll, hosts_of, leaving_of
    from cdktf_mesos.security.security import Security
    from cdktf_mesos.tls.tls import Tls
    from cdktf_mesos.zookeeper.backups import ZookeeperBackups
    from cdktf_mesos.zookeeper.before_roll import BackupBeforeRoll
    from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble
    from cdktf_mesos.zookeeper.quorum_tls import QuorumTls


__all__ = [
    "AgentExporter",
    "BackupBeforeRoll",
    "Bump",
    "ContainerDns",
    "ContainerOptions",
    "ContainerSpec",
    "Disk",
    "DockerHost",
    "HostCheck",
    "Image",
    "Machine",
    "MachineCheck",
    "Marathon",
    "MarathonApp",
    "MarathonApps",
    "MarathonFramework",
    "MarathonLb",
    "MasterExporter",
    "Member",
    "MesosAgentPool",
    "MesosDns",
    "MesosMasterSet",
    "Mount",
    "Phase",
    "Pin",
    "Port",
    "Preflight",
    "Probe",
    "QuorumTls",
    "Registry",
    "Release",
    "Role",
    "Roll",
    "Security",
    "Tls",
    "TlsMaterial",
    "ZookeeperBackups",
    "ZookeeperEnsemble",
    "hosts_of",
    "leaving_of",
]

# The module of each name. They are imported when they are first used: the CDK starts Node, and the commands for
# operators need neither.
_MODULES = {
    "AgentExporter": "mesos_exporter.mesos_exporter",
    "BackupBeforeRoll": "zookeeper.before_roll",
    "Bump": "compatibility.bump",
    "ContainerDns": "mesos.agent.container_dns",
    "ContainerOptions": "container.options",
    "ContainerSpec": "container.member",
    "Disk": "mesos.agent.disks",
    "DockerHost": "host.host",
    "HostCheck": "container.member",
    "Image": "image.image",
    "Machine": "roll",
    "MachineCheck": "roll",
    "Marathon": "marathon.marathon",
    "MarathonLb": "load_balancer.marathon_lb",
    "MarathonApp": "marathon.app.app",
    "MarathonApps": "marathon.app.apps",
    "MarathonFramework": "marathon.app.framework",
    "MasterExporter": "mesos_exporter.mesos_exporter",
    "Member": "container.member",
    "MesosAgentPool": "mesos.agent.pool",
    "MesosDns": "mesos_dns.mesos_dns",
    "MesosMasterSet": "mesos.masters",
    "Mount": "container.options",
    "Phase": "roll",
    "Pin": "image.pin",
    "Port": "role.ports",
    "Preflight": "roll",
    "Probe": "role.probe",
    "QuorumTls": "zookeeper.quorum_tls",
    "Registry": "host.registry",
    "Release": "image.release",
    "Role": "role.role",
    "Roll": "roll",
    "Security": "security.security",
    "Tls": "tls.tls",
    "TlsMaterial": "host.tls",
    "ZookeeperBackups": "zookeeper.backups",
    "ZookeeperEnsemble": "zookeeper.ensemble",
    "hosts_of": "roll",
    "leaving_of": "roll",
}

# Without a CDK, the import of this package says what to install.
library()


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return value
