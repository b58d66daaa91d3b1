from __future__ import annotations

import json
from typing import Any

import pytest

from cdktf_mesos import Disk, DockerHost
from cdktf_mesos.cdk import Fn
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent.disks import resources_with

RESOURCES: dict[str, Any] = {
    "cpus": 4,
    "cpus(web)": 0.5,
    "disk": 100,
    "ports": "[31000-31001, 31005-31006]",
    "x": "{a,b}",
}
NEW = Release(1, 11)


def test_resources_with_disks_are_json(host: DockerHost) -> None:
    disks = [Disk("/mnt/a", 2048), Disk("/mnt/b", 4096, kind="MOUNT", role="db")]
    bounds = [{"begin": 31000, "end": 31001}, {"begin": 31005, "end": 31006}]
    assert json.loads(resources_with(host, NEW, RESOURCES, disks)) == [
        {"name": "cpus", "type": "SCALAR", "scalar": {"value": 4}},
        {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.5}, "role": "web"},
        {"name": "disk", "type": "SCALAR", "scalar": {"value": 100}},
        {"name": "ports", "type": "RANGES", "ranges": {"range": bounds}},
        {"name": "x", "type": "SET", "set": {"item": ["a", "b"]}},
        {
            "name": "disk",
            "type": "SCALAR",
            "scalar": {"value": 2048},
            "disk": {"source": {"type": "PATH", "path": {"root": "/mnt/a"}}},
        },
        {
            "name": "disk",
            "type": "SCALAR",
            "scalar": {"value": 4096},
            "disk": {"source": {"type": "MOUNT", "mount": {"root": "/mnt/b"}}},
            "role": "db",
        },
    ]


def test_resources_without_disks_are_text(host: DockerHost) -> None:
    assert resources_with(host, NEW, {"cpus": 1, "mem": 2}, []) == "cpus:1;mem:2"


@pytest.mark.parametrize(
    ("resources", "disk", "release", "message"),
    [
        ({}, Disk("mnt", 1), NEW, r"disks\[0\].path is invalid: 'mnt'\. .*absolute path"),
        ({}, Disk("/mnt/a", 0), NEW, r"disks\[0\].mib is invalid: 0\. Use a whole number of MiB"),
        ({}, Disk("/mnt/a", 1, kind="BLOCK"), NEW, r"disks\[0\].kind is invalid: 'BLOCK'\. Use 'PATH' or 'MOUNT'"),  # type: ignore[arg-type]
        ({}, Disk("/mnt/a", 1, role="a b"), NEW, r"disks\[0\].role is invalid: 'a b'\. Use a resource's name"),
        ({}, Disk("/mnt/x", 1), NEW, r"disks\[0\].path is invalid: '/mnt/x'\. Use each path only once"),
        ({"disk": None}, Disk("/mnt/a", 1), NEW, r"resources is invalid: .*\. Add 'disk'"),
        ({}, Disk("/mnt/a", 1), Release(0, 26), r"disks is invalid: .*\. Remove them: Mesos 0\.26 .* need 0\.27"),
        (
            {"cpus": Fn.tonumber("1")},
            Disk("/mnt/a", 1),
            NEW,
            r"resources\['cpus'\] is invalid: .*\. Use a value known to the program",
        ),
    ],
)
def test_disks_that_mesos_would_refuse_are_refused(
    host: DockerHost, resources: dict[str, Any], disk: Disk, release: Release, message: str
) -> None:
    given = {name: value for name, value in {**RESOURCES, **resources}.items() if value is not None}
    with pytest.raises(ValueError, match=f"stack/host-1: {message}"):
        resources_with(host, release, given, [disk, Disk("/mnt/x", 1)])
