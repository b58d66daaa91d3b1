"""The ACLs of a closed cluster: which principal may do what (Mesos docs, authorization).

Whoever has the secret of one principal can only do what that one is for. In particular, the secret of the probes, which
is on each machine, changes nothing. What no list mentions is allowed to each principal, such as reading the state.

A list and its object were taken from include/mesos/authorizer/acls.proto (before 1.0 authorizer.proto) of all releases
from 0.22 to 1.11. Mesos ignores lists that it does not know (stout, protobuf.hpp), so one text is right for many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_mesos.image.release import Release
from cdktf_mesos.security.security import Security

Acls = Mapping[str, object]

_ANY, _NONE = {"type": "ANY"}, {"type": "NONE"}

# What only operators may do: the lists, by the name of their object.
_OPERATORS_OF_MASTERS = {
    "framework_principals": "teardown_frameworks",
    "roles": "update_weights update_quotas",
    "machines": "update_maintenance_schedules start_maintenances stop_maintenances",
    "agents": "mark_agents_gone drain_agents deactivate_agents reactivate_agents",
    "resource_providers": "mark_resource_providers_gone",
    "logs": "access_mesos_logs",
    "level": "set_log_level",
}
# Before 1.0 some have other names. From 1.0 on, masters exit if they get these as well (src/authorizer/local).
_OPERATORS_OF_OLD_MASTERS = {
    "framework_principals": "teardown_frameworks shutdown_frameworks",
    "roles": "set_quotas",
    "quota_principals": "remove_quotas",
}
_OPERATORS_OF_AGENTS = {
    "users": "access_sandboxes launch_nested_containers_as_user launch_nested_containers_under_parent_with_user "
    "launch_nested_container_sessions_as_user launch_nested_container_sessions_under_parent_with_user "
    "attach_containers_input attach_containers_output kill_nested_containers wait_nested_containers "
    "remove_nested_containers launch_standalone_containers kill_standalone_containers wait_standalone_containers "
    "remove_standalone_containers",
    "resource_providers": "modify_resource_provider_configs",
    "images": "prune_images",
    "logs": "access_mesos_logs",
    "level": "set_log_level",
}
# What frameworks do with their resources, and operators by end points.
_FRAMEWORKS = {
    "users": "run_tasks",
    "roles": "reserve_resources create_volumes resize_volumes create_block_disks destroy_block_disks "
    "create_mount_disks destroy_mount_disks destroy_raw_disks",
    "reserver_principals": "unreserve_resources",
    "creator_principals": "destroy_volumes",
}


def master_acls(security: Security, release: Release) -> Acls:
    """The ACLs of masters."""
    agents, operators, probes = (
        [each.principal for each in security.all_of(name)] for name in ("agent", "operator", "probe")
    )
    frameworks = [each.principal for each in security.frameworks()]
    of_operators = _OPERATORS_OF_MASTERS if release >= Release(1, 0) else _OPERATORS_OF_OLD_MASTERS
    return {
        "permissive": True,
        "register_agents": _only(agents, "agents"),
        "register_frameworks": _only(frameworks, "roles"),
        **_lists(_FRAMEWORKS, [*frameworks, *operators]),
        **_lists(of_operators, operators),
        **_read_by(operators, probes),
    }


def agent_acls(security: Security) -> Acls:
    """The ACLs of agents, which have them from 1.0 on."""
    operators, probes = ([each.principal for each in security.all_of(name)] for name in ("operator", "probe"))
    return {"permissive": True, **_lists(_OPERATORS_OF_AGENTS, operators), **_read_by(operators, probes)}


def _read_by(operators: Sequence[str], probes: Sequence[str]) -> Acls:
    """What checks read. Of the end points in the first list, some change something."""
    some = {"values": ["/metrics/snapshot"]}
    return {
        "get_endpoints": [
            {"principals": {"values": [*operators]}, "paths": _ANY},
            {"principals": {"values": [*probes]}, "paths": some},
            {"principals": _ANY, "paths": _NONE},
        ],
        "view_flags": _only([*operators, *probes], "flags"),
    }


def _lists(names: Mapping[str, str], principals: Sequence[str]) -> Acls:
    return {name: _only(principals, what) for what, words in names.items() for name in words.split()}


def _only(principals: Sequence[str], what: str) -> Sequence[object]:
    """A list that allows all objects to some principals and none to others: the first entry that fits counts."""
    return [{"principals": {"values": [*principals]}, what: _ANY}, {"principals": _ANY, what: _NONE}]
