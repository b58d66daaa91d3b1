"""The script that makes a machine a host."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent

STEPS = (_FOLDER / "changes.sh", _FOLDER / "prepare_steps.sh")
"""Script files that define the steps, for `cdktf-mesos prepare` and for machines on AWS."""

TASK_PORTS = _FOLDER / "task_ports.sh"
"""A script file that defines the function `not_reserved`."""

CHANGES = "/var/lib/cdktf-mesos-host/changes"
"""The file on a machine that has what was changed, and how to undo it."""

FORMS = {
    "login_user": ("[A-Za-z_][A-Za-z0-9_.-]*", "Use the name of a user, such as 'ops'"),
    "data_dir": ("(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+", "Use an absolute path, such as '/var/lib/cdktf-mesos'"),
    "mirror": ("https?://[A-Za-z0-9_.:/-]*[A-Za-z0-9_.-]", "Use an http(s) URL without a '/' at its end"),
    "mesos_dns": (
        "[a-z0-9-]+([.][a-z0-9-]+)*=[0-9]{1,3}([.][0-9]{1,3}){3}(,[0-9]{1,3}([.][0-9]{1,3}){3})*",
        "Use the domain and the addresses of Mesos-DNS, such as 'cluster7.example.com=10.20.30.11,10.20.30.12'",
    ),
    "engine_metrics": (
        "[0-9]{1,3}([.][0-9]{1,3}){3}:[0-9]{1,5}",
        "Use an address and a port, such as '10.20.30.11:9323'; 0.0.0.0 is all addresses of a machine",
    ),
    "task_ports": ("[0-9]{1,5}-[0-9]{1,5}(,[0-9]{1,5}-[0-9]{1,5})*", "Use ranges, such as '31000-31999,33000-33999'"),
}
"""The form of each setting, and what an error says. No such value needs quotes in a shell."""


def script() -> str:
    """The script, with its comments, to be run by hand or over ssh: `bash prepare.sh plan`, `bash prepare.sh apply`."""
    files = (*STEPS, TASK_PORTS, _FOLDER / "resolved.sh", _FOLDER / "prepare.sh")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)
