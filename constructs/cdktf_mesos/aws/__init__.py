"""Machines on AWS, and the network around them."""

from cdktf_mesos.aws.app_load_balancer import AppLoadBalancer
from cdktf_mesos.aws.bastion import Bastion
from cdktf_mesos.aws.existing_network import ExistingNetwork
from cdktf_mesos.aws.load_balancer import InternalLoadBalancer
from cdktf_mesos.aws.login import Login, SessionManager
from cdktf_mesos.aws.machine import Ec2Machine, MachineOptions
from cdktf_mesos.aws.machine_role import MachineRole
from cdktf_mesos.aws.network import Network
from cdktf_mesos.aws.places import Place
from cdktf_mesos.aws.replacement_guard import ReplacementGuard
from cdktf_mesos.aws.resolver_rule import ResolverRule
from cdktf_mesos.aws.security import ClusterSecurity
from cdktf_mesos.aws.state_bucket import StateBucket, keep_state
from cdktf_mesos.role.ports import Ports

__all__ = [
    "AppLoadBalancer",
    "Bastion",
    "ClusterSecurity",
    "Ec2Machine",
    "ExistingNetwork",
    "InternalLoadBalancer",
    "Login",
    "MachineOptions",
    "MachineRole",
    "Network",
    "Place",
    "Ports",
    "ReplacementGuard",
    "ResolverRule",
    "SessionManager",
    "StateBucket",
    "keep_state",
]
