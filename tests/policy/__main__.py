"""`make policy`: checkov over all that is synthesised for AWS.

A finding that docs/aws-policy.md does not justify is an error, and so is a justification of what is not found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.policy.justified import judge, read
from tests.unit.aws_app import cluster, others
from tests.unit.synthesised import synthesise

DOCUMENT = Path(__file__).parents[2] / "docs" / "aws-policy.md"


def main(checkov: str) -> int:
    """The exit code."""
    with TemporaryDirectory() as directory:
        written = synthesise(Path(directory), cluster(), *others())
        results = scan(checkov, directory)
    findings, passed = results["failed_checks"], results["passed_checks"]
    seen = {Path(each["file_path"]).parent.name for each in (*findings, *passed)}
    unseen = {name for name, document in written.documents.items() if "aws" in document["provider"]} - seen
    wrong = [f"{name}: was not looked at" for name in sorted(unseen)]
    wrong += judge(findings, read(DOCUMENT.read_text()))
    print(*wrong, f"{len(passed)} checks passed, {len(findings)} did not: {len(wrong)} errors", sep="\n")
    return 1 if wrong else 0


def scan(checkov: str, directory: str) -> dict[str, Any]:
    """What checkov says of a directory of cdktf; it asks nobody else."""
    # `terraform_json` is what reads cdk.tf.json; without `--skip-download` checkov asks its vendor for guidelines.
    words = [
        "-d",
        directory,
        "--framework",
        "terraform_json",
        "--skip-download",
        "--download-external-modules",
        "false",
    ]
    done = subprocess.run(
        [checkov, *words, "--output", "json", "--compact"],
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    if report["summary"]["parsing_errors"]:
        raise ValueError(f"checkov could not read {report['results']['parsing_errors']}")
    results: dict[str, Any] = report["results"]
    return results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
