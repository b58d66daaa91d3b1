"""State in S3, emulated by moto: the bucket, locks, and the move of local state with the real cdktf."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox import project, provider
from sandbox.process import wait_until
from tests.terraform.moto import REGION, Moto

BUCKET = "example-terraform-states"

PROGRAM = """
import os
from cdktf import App, DataResource, LocalExecProvisioner, TerraformStack
from cdktf_mesos.aws import keep_state

app = App()
first, second = (TerraformStack(app, name) for name in ("first", "second"))
for stack in (first, second) if "BUCKET" in os.environ else ():
    key = f"{os.environ['FOLDER']}/{stack.node.id}.tfstate"
    keep_state(stack, bucket=os.environ["BUCKET"], key=key, region="eu-central-1")
wait = LocalExecProvisioner(type="local-exec", command=os.environ.get("WAIT", "true"))
kept = DataResource(first, "kept", provisioners=[wait])
DataResource(second, "needs", input={"id": kept.id})
app.synth()
"""


class Program:
    """A CDKTF program in a separate directory, with two stacks; the second one depends on the first."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self._environment = {**os.environ, **environment, "FOLDER": directory.name}
        (directory / "main.py").write_text(PROGRAM)
        document = {"language": "python", "app": f"{sys.executable} main.py", "sendCrashReports": "false"}
        (directory / "cdktf.json").write_text(json.dumps({**document, "projectId": "state"}))

    def run(self, *words: str | Path, stack: str = "", check: bool = True, **variables: str) -> str:
        """Run a command in the program's directory, or in a stack's; returns its output."""
        done = subprocess.run(
            words,
            cwd=self.directory / "cdktf.out/stacks" / stack if stack else self.directory,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode == 0) is check, done.stdout
        return done.stdout

    def deploy(self, *words: str, check: bool = True, **variables: str) -> str:
        words = ("deploy", "*", "--auto-approve", "--skip-provider-lock", *words)
        return self.run(project.ROOT / "node_modules/.bin/cdktf", *words, check=check, **variables)

    def apply(self, *, check: bool = True) -> str:
        return self.run(str(provider.terraform()), "apply", "-auto-approve", "-no-color", stack="first", check=check)

    def prepare(self, bucket: str = BUCKET, wait: str = "true") -> None:
        """Synthesise, and initialise the first stack for an apply."""
        self.run(sys.executable, "main.py", BUCKET=bucket, WAIT=wait)
        self.run(str(provider.terraform()), "init", "-input=false", stack="first")

    def begin(self) -> subprocess.Popen[bytes]:
        """Start to apply the first stack in the background."""
        words = [str(provider.terraform()), "apply", "-auto-approve"]
        directory = self.directory / "cdktf.out/stacks/first"
        return subprocess.Popen(words, cwd=directory, env=self._environment, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def made(moto: Moto, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The properties of the bucket that the example has made, as AWS reports them."""
    directory = tmp_path_factory.mktemp("bootstrap") / "example"
    shutil.copytree(project.ROOT / "examples/state-bucket", directory)
    env = {**os.environ, **environment, **moto.environment}
    subprocess.run([sys.executable, "main.py"], cwd=directory, env=env, check=True)
    for words in (["init", "-input=false"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"]):
        subprocess.run(
            [str(provider.terraform()), *words], cwd=directory / "cdktf.out/stacks/state-bucket", env=env, check=True
        )
    s3 = moto.client("s3")
    return {
        "versioning": s3.get_bucket_versioning(Bucket=BUCKET)["Status"],
        "encryption": s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"],
        "access": s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"],
        "policy": json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]),
        "region": s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"],
    }


@pytest.fixture
def program(made: dict[str, Any], moto: Moto, environment: dict[str, str], tmp_path: Path) -> Program:
    # moto ignores conditions in policies: with this policy it rejects all requests, AWS only those without TLS.
    moto.client("s3").delete_bucket_policy(Bucket=BUCKET)
    return Program(tmp_path, {**environment, **moto.environment})


@pytest.fixture
def waiting(program: Program, moto: Moto) -> Iterator[subprocess.Popen[bytes]]:
    """A running apply that holds the lock until the file `go` exists in the program's directory."""
    key = f"{program.directory.name}/first.tfstate.tflock"
    program.prepare(wait=f"until test -e {program.directory}/go; do sleep 0.1; done")
    with program.begin() as apply:
        wait_until(lambda: bool(_versions(moto, key)), lambda: f"no {key}", 60)
        yield apply
        # Ends also the local-exec command of an apply that was killed.
        (program.directory / "go").touch()


def test_the_example_makes_a_versioned_encrypted_private_bucket(made: dict[str, Any]) -> None:
    assert made["versioning"] == "Enabled"
    assert made["encryption"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(made["access"].values()) == {True} and len(made["access"]) == 4
    (statement,) = made["policy"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert made["region"] == REGION


def test_a_state_is_encrypted_with_the_buckets_default_key(program: Program, moto: Moto) -> None:
    s3, name, key = moto.client("s3"), "states-with-a-key", f"arn:aws:kms:{REGION}:123456789012:key/12345678"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    program.prepare(bucket=name)
    program.apply()
    state = s3.head_object(Bucket=name, Key=f"{program.directory.name}/first.tfstate")
    assert (state["ServerSideEncryption"], state["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_second_apply_at_the_same_time_is_rejected(program: Program, waiting: subprocess.Popen[bytes]) -> None:
    assert "Error acquiring the state lock" in program.apply(check=False)
    (program.directory / "go").touch()
    assert waiting.wait(60) == 0
    assert "No changes" in program.apply()


def test_a_lock_that_was_left_behind_can_be_removed_by_its_id(
    program: Program, waiting: subprocess.Popen[bytes]
) -> None:
    waiting.kill()
    waiting.wait()
    refused = program.apply(check=False)
    assert "Error acquiring the state lock" in refused
    found = re.search("ID: +([0-9a-f-]+)", refused)
    assert found, refused
    (program.directory / "go").touch()
    program.run(str(provider.terraform()), "force-unlock", "-force", found[1], stack="first")
    assert "Apply complete" in program.apply()


def test_local_state_moves_to_the_bucket_and_no_resource_is_replaced(program: Program, moto: Moto) -> None:
    program.deploy()
    ids = _ids(program)
    assert ids["first"] == ids["second"]

    refused = program.deploy(check=False, BUCKET=BUCKET)
    assert "Backend configuration changed" in refused
    moved = program.deploy("--migrate-state", BUCKET=BUCKET)
    assert moved.count("No changes. Your infrastructure matches the configuration.") == 2, moved
    assert _ids(program) == ids
    for stack in ids:
        assert _versions(moto, f"{program.directory.name}/{stack}.tfstate")

    # As on another machine, which has only the program.
    shutil.rmtree(program.directory / "cdktf.out")
    for local in program.directory.glob("terraform.*.tfstate*"):
        local.unlink()
    assert program.deploy(BUCKET=BUCKET).count("No changes.") == 2
    assert _ids(program) == ids


def _ids(program: Program) -> dict[str, str]:
    """The id of the first stack's resource, as each of the two stacks knows it."""
    found = {}
    for stack in ("first", "second"):
        state = json.loads(program.run(str(provider.terraform()), "show", "-json", stack=stack))
        (resource,) = (each for each in state["values"]["root_module"]["resources"] if each["mode"] == "managed")
        found[stack] = (resource["values"].get("input") or resource["values"])["id"]
    return found


def _versions(moto: Moto, key: str) -> list[Any]:
    found: list[Any] = moto.client("s3").list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions", [])
    return found
