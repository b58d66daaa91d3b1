"""The findings that docs/aws-policy.md justifies, and those that remain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Justification:
    """A row of the table.

    Args:
        check: of checkov, `CKV_AWS_135`.
        resources: a pattern of their names in Terraform, without the kind.
        reason: why it stays.
    """

    check: str
    resources: str
    reason: str


def read(text: str) -> list[Justification]:
    """The rows of the table: check, resources, reason.

    Raises:
        ValueError: a row without a reason.
    """
    rows = re.findall(r"^\| (CKV2?_\w+) \| `(\S+)` \|(.*)\|$", text, re.MULTILINE)
    for check, resources, reason in rows:
        if not reason.strip():
            raise ValueError(f"docs/aws-policy.md: {check} of {resources}: a reason")
    return [Justification(check, resources, reason.strip()) for check, resources, reason in rows]


def judge(findings: Sequence[dict[str, Any]], justified: Sequence[Justification]) -> list[str]:
    """What is wrong: findings that nothing justifies, and justifications of what is no longer found."""
    wrong, used = [], set()
    for found in findings:
        check, resource = found["check_id"], found["resource"]
        by = [each for each in justified if _covers(each, check, resource)]
        used.update(by)
        if not by:
            wrong.append(f"{check} {found['file_path']} {resource}: {found['check_name']}")
    stale = [each for each in justified if each not in used]
    return [*sorted(wrong), *(f"{each.check} `{each.resources}`: is not found any more" for each in stale)]


def _covers(justification: Justification, check: str, resource: str) -> bool:
    # What comes before the name is the kind, or for some checks only that it is a resource.
    return justification.check == check and fnmatchcase(resource.partition(".")[2], justification.resources)
