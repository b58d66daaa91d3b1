"""Which stage may follow: the scripts of preflights against servers like masters and agents, and the labels."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos import Security
from cdktf_mesos.mesos import masters as mesos_masters
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.scripts import joined
from cdktf_mesos.security.security import STAGES, Stage
from cdktf_mesos.security.stage import FOLLOWS_MASTERS, skips_stages, stage_check
from tests.unit.answers import HERE, answering

OK = "HTTP/1.1 200 OK\r\n\r\n"
MASTERS = Path(mesos_masters.__file__).with_name("masters_stage.sh")
CLOSED = "HTTP/1.1 401 Unauthorized\r\n\r\n"


def flags(stage: str) -> str:
    path = f"/etc/cdktf-mesos.{stage}.credentials"
    return OK + json.dumps({"flags": {} if stage == "open" else {"credentials": path}}, separators=(",", ":"))


def refusal(rule: Path, stage: Stage | None, port: int, secrets: Path) -> str:
    security = Security(stage, str(secrets)) if stage else None
    check = stage_check(rule, security, [HERE], port)
    script = joined(ASK, *check.files, "find_limit && stage_follows")
    environment = {"PATH": "/usr/bin:/bin", "SHOWS_PRINCIPALS": "yes", **check.environment}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode == 0) is (done.stdout == ""), done
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("running", "wanted", "follows"),
    [
        ("open", "prepared", True),
        ("open", "used", False),
        ("prepared", "used", True),
        ("used", "used", True),
        ("used", "prepared", True),
        ("required", "used", True),
        ("required", "prepared", False),
        ("used", None, False),
    ],
)
def test_masters_go_from_stage_to_stage(secrets: Path, running: str, wanted: Stage | None, follows: bool) -> None:
    with answering({"/flags": flags(running)}) as port:
        found = refusal(MASTERS, wanted, port, secrets)
    expected = f"{HERE} is at the stage {running}, and this deploy is for {wanted or 'open'}: go from stage to stage"
    assert found == ("" if follows else expected)


@pytest.mark.parametrize("rule", [MASTERS, FOLLOWS_MASTERS])
def test_masters_that_refuse_to_tell_their_stage_are_not_taken_for_open(secrets: Path, rule: Path) -> None:
    with answering({"/flags": CLOSED}) as port:
        assert refusal(rule, None, port, secrets).startswith(f"{HERE} refuses to tell its stage (401)")
    # Nothing listens: it is the first deploy.
    assert refusal(rule, "prepared", port, secrets) == ""


@pytest.mark.parametrize("rule", [MASTERS, FOLLOWS_MASTERS])
def test_releases_that_escape_slashes_tell_their_stage(secrets: Path, rule: Path) -> None:
    with answering({"/flags": flags("prepared").replace("/etc/", "\\/etc\\/")}) as port:
        assert refusal(rule, "prepared", port, secrets) == ""
        assert "is at the stage prepared" in refusal(rule, "required", port, secrets)


@pytest.mark.parametrize("rule", [MASTERS, FOLLOWS_MASTERS])
def test_credentials_of_the_users_own_must_go_before_security_comes(secrets: Path, rule: Path) -> None:
    with answering({"/flags": OK + '{"flags":{"credentials":"/etc/mesos/credentials"}}'}) as port:
        assert "has credentials that are not those of security" in refusal(rule, "prepared", port, secrets)
        assert refusal(rule, None, port, secrets) == ""


@pytest.mark.parametrize("rule", [MASTERS, FOLLOWS_MASTERS])
def test_an_open_cluster_whose_acls_hide_the_flags_goes_on(secrets: Path, rule: Path) -> None:
    with answering({"/flags": "HTTP/1.1 403 Forbidden\r\n\r\n"}) as port:
        assert refusal(rule, None, port, secrets) == ""
        assert "refuses to tell its stage (403)" in refusal(rule, "prepared", port, secrets)


def test_agents_follow_when_all_masters_are_there(secrets: Path) -> None:
    with answering({"/flags": flags("prepared")}) as port:
        assert refusal(FOLLOWS_MASTERS, "prepared", port, secrets) == ""
        assert "is at the stage prepared, not yet at used" in refusal(FOLLOWS_MASTERS, "used", port, secrets)


def frameworks(*fields: str) -> str:
    text = ",".join(f'{{"name":"f","unregistered_time":0.0,{field}"role":"*"}}' for field in fields)
    return f'{OK}{{"frameworks":[{text}],"completed_frameworks":[{{"unregistered_time":1.5,"role":"*"}}]}}'


@pytest.mark.parametrize(
    ("agent", "active", "known", "says"),
    [
        (flags("open").replace("{}", '{"credential":"/c"}'), "true", frameworks('"principal":"marathon",'), ""),
        (flags("open"), "true", frameworks(), "has no credential yet"),
        (CLOSED, "true", frameworks(), "does not tell whether it authenticates (401)"),
        (flags("open").replace("{}", '{"credential":"/c"}'), "false", frameworks(), "is not active"),
        (
            flags("open").replace("{}", '{"credential":"/c"}'),
            "true",
            frameworks('"principal":"marathon",', ""),
            "a framework has no principal",
        ),
    ],
)
def test_masters_require_nothing_before_all_agents_and_frameworks_authenticate(
    secrets: Path, agent: str, active: str, known: str, says: str
) -> None:
    with answering({"/flags": agent}) as agent_port:
        slaves = f'{OK}{{"slaves":[{{"id":"S0","pid":"slave(1)@{HERE}:{agent_port}","active":{active}}}]}}'
        with answering({"/flags": flags("used"), "/slaves": slaves, "/frameworks": known}) as port:
            found = refusal(MASTERS, "required", port, secrets)
    assert says in found and bool(found) is bool(says)


def test_a_set_that_grows_at_required_needs_no_leader(secrets: Path) -> None:
    no_leader = "HTTP/1.1 503 Service Unavailable\r\n\r\nNo leader elected"
    with answering({"/flags": flags("required"), "/slaves": no_leader, "/frameworks": no_leader}) as port:
        assert refusal(MASTERS, "required", port, secrets) == ""
    with answering({"/flags": flags("used"), "/slaves": no_leader, "/frameworks": no_leader}) as port:
        assert "no master answers" in refusal(MASTERS, "required", port, secrets)


def test_masters_forget_no_credential_that_an_agent_still_uses(secrets: Path) -> None:
    with answering({"/flags": flags("open").replace("{}", '{"credential":"/c"}')}) as agent_port:
        slaves = f'{OK}{{"slaves":[{{"pid":"slave(1)@{HERE}:{agent_port}","active":true}}]}}'
        with answering({"/flags": flags("prepared"), "/slaves": slaves}) as port:
            assert "still has a credential" in refusal(MASTERS, None, port, secrets)


@pytest.mark.parametrize(
    ("deployed", "wanted", "between"),
    [("", "prepared", None), ("", "used", "'prepared'"), ("required", None, "'used', then 'prepared'")],
)
def test_a_state_with_labels_refuses_a_skipped_stage_at_synth(
    deployed: str, wanted: Stage | None, between: str | None
) -> None:
    found = skips_stages("security", STAGES, deployed or "open", wanted or "open")
    assert (found is None) is (between is None)
    assert between is None or str(found).endswith(f"Deploy {between} first")
