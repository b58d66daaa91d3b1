from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.policy.justified import Justification, judge, read

TABLE = """
| check | resources | why it stays |
|---|---|---|
| CKV_AWS_24 | `*-22-from-bastion_*` | From the bastion's group. |
| CKV2_AWS_5 | `security_*` | Elsewhere. |
"""


def found(check: str, resource: str) -> dict[str, Any]:
    return {"check_id": check, "resource": resource, "file_path": "/s/cdk.tf.json", "check_name": "No ssh from all"}


def test_a_justification_is_a_row_of_the_table() -> None:
    assert read(TABLE)[0] == Justification("CKV_AWS_24", "*-22-from-bastion_*", "From the bastion's group.")
    with pytest.raises(ValueError, match=r"docs/aws-policy\.md: CKV_AWS_24 of \*: a reason"):
        read("| CKV_AWS_24 | `*` | |")


def test_findings_without_a_justification_and_justifications_without_a_finding_are_reported() -> None:
    ssh, world = found("CKV_AWS_24", "resource.s_c-22-from-bastion_1"), found("CKV_AWS_24", "resource.ssh-from-all_1")
    group = found("CKV2_AWS_5", "aws_security_group.security_agents_1")
    assert judge([ssh, group], read(TABLE)) == []
    assert judge([ssh, group, world], read(TABLE)) == [
        "CKV_AWS_24 /s/cdk.tf.json resource.ssh-from-all_1: No ssh from all"
    ]
    assert judge([ssh], read(TABLE)) == ["CKV2_AWS_5 `security_*`: is not found any more"]


def test_every_row_of_the_documentation_is_read() -> None:
    text = (Path(__file__).parents[2] / "docs" / "aws-policy.md").read_text()
    assert len(read(text)) == sum(line.startswith("| CKV") for line in text.splitlines()) > 0
