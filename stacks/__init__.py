"""The application: the settings of a cluster, and its stacks on each platform."""

from cdktf_mesos import Disk, Mount, QuorumTls, Security, Tls
from cdktf_mesos.aws.places import Place
from cdktf_mesos.roll.machine import Machine
from stacks.add_cluster import add_cluster
from stacks.apps import AppsSettings, Framework
from stacks.aws.settings import AppLoadBalancerSettings, Aws, AwsPool
from stacks.backup import BackupSettings
from stacks.components import AgentsSettings, MarathonSettings, MastersSettings, ZookeeperSettings
from stacks.dns.settings import DnsSettings
from stacks.load_balancers import LoadBalancerSettings
from stacks.local.settings import Local, LocalPool
from stacks.monitoring import ExporterSettings, MonitoringSettings
from stacks.settings import Cluster
from stacks.static.settings import Static, StaticPool

__all__ = [
    "AgentsSettings",
    "AppLoadBalancerSettings",
    "AppsSettings",
    "Aws",
    "AwsPool",
    "BackupSettings",
    "Cluster",
    "Disk",
    "DnsSettings",
    "ExporterSettings",
    "Framework",
    "LoadBalancerSettings",
    "Local",
    "LocalPool",
    "Machine",
    "MarathonSettings",
    "MastersSettings",
    "MonitoringSettings",
    "Mount",
    "Place",
    "QuorumTls",
    "Security",
    "Static",
    "StaticPool",
    "Tls",
    "ZookeeperSettings",
    "add_cluster",
]
