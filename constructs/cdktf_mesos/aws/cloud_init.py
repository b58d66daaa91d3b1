"""The `user_data` of an EC2 machine: what cloud-init does at its first boot."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import TOKEN
from cdktf_mesos.host import prepare
from cdktf_mesos.host.host import DATA_DIR

PROGRAM = "/usr/local/sbin/cdktf-mesos-host"
"""The path of host.sh on the machine. With `check $(date +%s)`, the login user can see whether the machine is ready."""

_SETTINGS = "/etc/cdktf-mesos/host.env"
_REBOOT = "/run/cdktf-mesos/reboot"
_MAX_BYTES = 16384  # Amazon EC2 User Guide, "Run commands when you launch an EC2 instance": raw, before base64

# The form of each setting, for values without tokens of the CDK. No such value needs quotes in a shell.
_FORMS = {
    "name": ("[A-Za-z0-9][A-Za-z0-9.-]*", "Use letters, digits, '.' and '-'"),
    "data_device": ("(/dev(/[A-Za-z0-9_.:-]+)+)?", "Use a path below /dev, or ''"),
    "data_dir": prepare.FORMS["data_dir"],
    "key_parameter": (
        "/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
        "Use the name of an SSM parameter, such as '/cluster7/m1/key'",
    ),
    "region": ("[a-z]{2}(-[a-z]+)+-[0-9]+", "Use a region, such as 'eu-central-1'"),
    "login_user": ("[a-z_][a-z0-9_-]*", "Use the name of a user, such as 'admin'"),
    "engine_metrics": (f"({prepare.FORMS['engine_metrics'][0]})?", prepare.FORMS["engine_metrics"][1]),
    "mirror": ("(https?://[A-Za-z0-9_.:/-]*[A-Za-z0-9_.-])?", "Use an http(s) URL without a '/' at its end, or ''"),
}


@dataclass(frozen=True, kw_only=True)
class HostSettings:
    """The settings of host.sh on one machine on EC2, with Debian 12 or 13.

    Strings may be tokens of the CDK, or contain some. The value of a token must have only the allowed characters.

    Args:
        name: the machine's name in messages.
        key_parameter: the name of the SSM parameter to which the machine writes its public ssh host key. The machine's
            role needs `ssm:PutParameter` on it.
        region: the region of that parameter.
        engine: whether the machine runs containers. It then gets Docker and a directory for data; on Debian 12 also
            cgroup v1. By default True; a bastion has no engine.
        login_user: the user that Terraform logs in as; by default `admin`, the user of Debian's images.
        data_device: the device of the data volume. Use its link in /dev/disk/by-id, since device numbers change. An
            empty device is formatted, an ext4 file system is used as it is, and anything else is an error. By default
            '': there is no data volume, and data are on the root disk.
        data_dir: the directory that the volume is mounted on; by default `/var/lib/cdktf-mesos`, as
            `DockerHost.data_dir`.
        mirror: a mirror of Debian's archive; `<mirror>-security` must be a mirror of its security updates. By default
            '': the sources of the image stay.
        engine_metrics: the address and port at which the engine gives its metrics to Prometheus, such as
            `10.20.0.10:9323`. By default '': it gives none.

    Raises:
        ValueError: a string is malformed.
    """

    name: str
    key_parameter: str
    region: str
    engine: bool = True
    login_user: str = "admin"
    data_device: str = ""
    data_dir: str = DATA_DIR
    mirror: str = ""
    engine_metrics: str = ""

    def __post_init__(self) -> None:
        for field, (form, remedy) in _FORMS.items():
            value = getattr(self, field)
            known = re.sub(TOKEN, "", value)
            if not re.fullmatch(form if known == value else "[A-Za-z0-9_.:/-]*", known):
                raise invalid("HostSettings", field, value, remedy)
        if self.data_device and not self.engine:
            remedy = "Remove it: a machine without an engine needs no data volume"
            raise invalid("HostSettings", "data_device", self.data_device, remedy)


def user_data(settings: HostSettings, authorized_keys: Sequence[str] = ()) -> str:
    """The `#cloud-config` document that turns a machine into a host: the `user_data` of an `aws_instance`.

    It installs host.sh and its settings, prepares the machine, and publishes its host key, even if the preparation
    failed, so that one can log in and find out why. It reboots the machine if the kernel needs other arguments. The
    same settings give the same document on every computer, because another document means another machine. So the
    script is not compressed: the output of zlib differs between its builds.

    Args:
        settings: the settings of host.sh.
        authorized_keys: public keys that may log in besides that of the key pair; by default there are none.

    Raises:
        ValueError: the document is longer than the 16 KiB that EC2 accepts.
    """
    document = {
        # cloud-init's docs, ssh_authorized_keys: for the image's own user.
        **({"ssh_authorized_keys": list(authorized_keys)} if authorized_keys else {}),
        "write_files": [
            {"path": PROGRAM, "permissions": "0755", "content": _script()},
            {"path": _SETTINGS, "permissions": "0644", "content": _environment(settings)},
        ],
        # A single entry: with several, only the exit code of the last one would count.
        "runcmd": [f"{PROGRAM} prepare; prepared=$?; {PROGRAM} publish && exit $prepared"],
        "power_state": {"mode": "reboot", "condition": f"test -e {_REBOOT}"},
    }
    # JSON is YAML, too.
    text = "#cloud-config\n" + json.dumps(document)
    if len(text) > _MAX_BYTES:
        remedy = (
            f"Shorten them, or use fewer further keys: EC2 accepts {_MAX_BYTES} bytes, and the document has {len(text)}"
        )
        raise invalid("user_data", "settings", settings, remedy)
    return text


def _script() -> str:
    """host.sh and the steps before it, without comment lines, and with one space for each level of indentation.

    EC2 has a limit, and a reworded comment should not make a new machine.
    """
    text = scripts.joined(*prepare.STEPS, Path(__file__).with_name("host.sh"))
    text = re.sub("^(?:    )+", lambda found: " " * (len(found[0]) // 4), text, flags=re.MULTILINE)
    return f"#!/bin/bash\n{text}\n"


def _environment(settings: HostSettings) -> str:
    words = {True: "yes", False: "no"}
    values = {field.name.upper(): getattr(settings, field.name) for field in fields(settings)}
    return "".join(f"{key}={words[value] if isinstance(value, bool) else value}\n" for key, value in values.items())
