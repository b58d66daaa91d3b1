"""Values from an AWS account cannot inject shell commands; different values use different ssh connections."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import Login, SessionManager
from cdktf_mesos.aws.login import trust
from cdktf_mesos.cdk import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_mesos.expressions import literal
from cdktf_mesos.host.ssh import ssh_words
from tests.unit.aws.test_login import proxied

LOGIN = Login("ops", ("-i", "/keys/it's %h ${x}"))
HOSTILE = {
    "quote": "ssh-ed25519 AAAA' -o ProxyCommand='touch {canary}' '",
    "substitution": "ssh-ed25519 $(touch {canary})`touch {canary}`",
    "quoted_substitution": "ssh-ed25519 AAAA '$(touch {canary})'",
    "newline": "ssh-ed25519 AAAA\ntouch {canary}\n",
    "percent": 'ssh-ed25519 AAAA %h %%\\ "',
}


@pytest.fixture
def planned(app: App, plan: Callable[..., dict[str, Any]], tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What Terraform makes of each hostile value: the proxy commands and the words of the ssh command, by its name."""
    stack = TerraformStack(app, "ssh")
    for name in HOSTILE:
        text = TerraformVariable(stack, name, type="string").string_value
        value = {
            "through": LOGIN.through("203.0.113.9", text),
            "session": SessionManager("eu-central-1").proxy_command(text),
            "words": ssh_words("ops@203.0.113.9", [*trust("203.0.113.9", text), *LOGIN.route()]),
        }
        TerraformOutput(stack, f"of-{name}", value=literal(value))
    document = plan(**hostile(tmp_path))
    return {name: document["planned_values"]["outputs"][f"of-{name}"]["value"] for name in HOSTILE}


def hostile(folder: Path) -> dict[str, str]:
    return {name: text.replace("{canary}", str(folder / "canary")) for name, text in HOSTILE.items()}


def test_a_shell_takes_a_value_from_an_aws_account_as_one_word(
    planned: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    for name, text in hostile(tmp_path).items():
        words = ssh_words("ops@203.0.113.9", [*trust("203.0.113.9", text), *LOGIN.route()])
        # Without the last word, ControlPath, which Terraform and Python compute differently.
        assert planned[name]["words"][:-1] == words[:-1]
        route = ["-o", f"ProxyCommand={planned[name]['through']}"]
        expected = ["ssh", "-W", "10.20.0.10:22", *planned[name]["words"], "ops@203.0.113.9"]
        assert "\n".join(proxied(route, tmp_path, 22)) == "\n".join(expected).rstrip("\n"), name
        session = proxied(["-o", f"ProxyCommand={planned[name]['session']}"], tmp_path, 22)
        assert f"--target\n{text}\n--document-name" in "\n".join(session)
        assert not (tmp_path / "canary").exists(), name
    paths = [each["words"][-1] for each in planned.values()]
    assert all(re.fullmatch("ControlPath=~/[.]cdktf-mesos-[0-9a-f]{12}", path) for path in paths)
    assert len(set(paths)) == len(paths)
