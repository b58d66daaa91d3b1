"""What an EC2 machine is told for its first boot, as cloud-init reads it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass, fields
from pathlib import Path

from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import TOKEN
from cdktf_mesos.host.host import DATA_DIR

PROGRAM = "/usr/local/sbin/cdktf-mesos-host"
"""Where host.sh is on the machine; as the login user, `<it> check $(date +%s)` says whether the machine is ready."""

_SETTINGS = "/etc/cdktf-mesos/host.env"
_REBOOT = "/run/cdktf-mesos/reboot"
_MAX_BYTES = 16384  # Amazon EC2 User Guide, "Run commands when you launch an EC2 instance": raw, before base64

# What a setting may be, where it holds no token of the CDK; none needs quotes in a shell.
_FORMS = {
    "name": ("[A-Za-z0-9][A-Za-z0-9.-]*", "letters, digits, '.' and '-'"),
    "data_device": ("(/dev(/[A-Za-z0-9_.:-]+)+)?", "a path below /dev, or ''"),
    "data_dir": ("(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+", f"an absolute path, such as {DATA_DIR!r}"),
    "key_parameter": (
        "/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
        "the name of an SSM parameter, such as '/cluster7/m1/key'",
    ),
    "region": ("[a-z]{2}(-[a-z]+)+-[0-9]+", "a region, such as 'eu-central-1'"),
    "login_user": ("[a-z_][a-z0-9_-]*", "the name of a user, such as 'admin'"),
    "mirror": ("(https?://[A-Za-z0-9_.:/-]*[A-Za-z0-9_.-])?", "an http(s) URL without a '/' at its end, or ''"),
}


@dataclass(frozen=True, kw_only=True)
class HostSettings:
    """What host.sh does on one machine, a Debian 12 on EC2.

    Strings may be, or contain, tokens of the CDK that stand for characters which the setting may have.

    Args:
        name: the machine's, in its messages.
        key_parameter: the name of the SSM parameter that gets the machine's public ssh host key; the machine's role
            must be allowed `ssm:PutParameter` on it.
        region: of that parameter.
        engine: whether the machine runs containers: Docker 20.10 and cgroup v1, as Mesos up to 1.11 needs them, and a
            place for data. By default it does; a bastion does not.
        login_user: whom Terraform logs in as; by default `admin`, the user of Debian's images.
        data_device: the device of the data volume, best by its link in /dev/disk/by-id, as numbers change. It is
            formatted if it is empty, used as it is if it is an ext4; anything else is an error. '' (the default) is
            none: data is on the root disk.
        data_dir: where it is mounted; by default `/var/lib/cdktf-mesos`, as `DockerHost.data_dir`.
        mirror: a mirror of Debian's archive, beside which, at `<mirror>-security`, is one of its security updates;
            '' (the default) leaves the image's sources.

    Raises:
        ValueError: a string that cannot be what it is for.
    """

    name: str
    key_parameter: str
    region: str
    engine: bool = True
    login_user: str = "admin"
    data_device: str = ""
    data_dir: str = DATA_DIR
    mirror: str = ""

    def __post_init__(self) -> None:
        for field, (form, right) in _FORMS.items():
            value = getattr(self, field)
            known = re.sub(TOKEN, "", value)
            if not re.fullmatch(form if known == value else "[A-Za-z0-9_.:/-]*", known):
                raise invalid("HostSettings", field, value, right)
        if self.data_device and not self.engine:
            raise invalid("HostSettings", "data_device", self.data_device, "'', for a machine without an engine")


def user_data(settings: HostSettings) -> str:
    """The `#cloud-config` document that makes a machine a host: for `user_data` of an `aws_instance`.

    It installs host.sh and its settings, prepares the machine, publishes its host key (also if the preparation failed,
    so that one can log in and look), and reboots it where the kernel needs other arguments. The same settings give the
    same document everywhere, as another one is another machine; so the script is not compressed, which is not done
    alike by all builds of zlib.

    Raises:
        ValueError: it has more than the 16 KiB that EC2 takes.
    """
    document = {
        "write_files": [
            {"path": PROGRAM, "permissions": "0755", "encoding": "b64", "content": b64encode(_script()).decode()},
            {"path": _SETTINGS, "permissions": "0644", "content": _environment(settings)},
        ],
        # One entry: of several only the last one's exit code would count.
        "runcmd": [f"{PROGRAM} prepare; prepared=$?; {PROGRAM} publish && exit $prepared"],
        "power_state": {"mode": "reboot", "condition": f"test -e {_REBOOT}"},
    }
    # JSON is YAML, too.
    text = "#cloud-config\n" + json.dumps(document)
    if len(text) > _MAX_BYTES:
        raise invalid(
            "user_data", "settings", settings, f"shorter: EC2 takes {_MAX_BYTES} bytes, these are {len(text)}"
        )
    return text


def _script() -> bytes:
    """host.sh without the lines that are comments: EC2 has a limit, and other words are no reason for a new machine."""
    first, *lines = Path(__file__).with_name("host.sh").read_text().splitlines(keepends=True)
    return "".join([first, *(line for line in lines if not line.lstrip().startswith("#"))]).encode()


def _environment(settings: HostSettings) -> str:
    words = {True: "yes", False: "no"}
    values = {field.name.upper(): getattr(settings, field.name) for field in fields(settings)}
    return "".join(f"{key}={words[value] if isinstance(value, bool) else value}\n" for key, value in values.items())
