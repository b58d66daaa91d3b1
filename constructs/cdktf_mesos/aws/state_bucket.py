"""Terraform's state in S3: the bucket, and the stacks that keep theirs in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import check_region, partition
from cdktf_mesos.cdk import S3Backend, TerraformResourceLifecycle, TerraformStack
from cdktf_mesos.errors import invalid

# Amazon S3 user guide, general purpose bucket naming rules.
_NAME = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_NAME_RIGHT = (
    "3 to 63 small letters, digits, '-' and '.', with a letter or digit at both ends, no '..' and no IP address"
)
_RESERVED_FIRST = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_LAST = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")


class StateBucket(Construct):
    """A bucket for the states of stacks, which are all that Terraform knows of what it has made.

    It keeps every version of a state, without an end: the one before a mistake can be had back, and states are small.
    It is for nobody but its account, is encrypted, takes no request without TLS, and no plan destroys it.

    Args:
        scope: a stack whose own state is not in the bucket, or a construct in it.
        id_: unique in the scope.
        name: of the bucket, unique in its part of AWS; by it stacks find their states, so it is no expression.
        region: of the AWS provider.
        kms_key_arn: of the key that encrypts the states, which whoever deploys must be allowed to use; by default S3's
            own.
        tags: of the bucket; none by default.

    Raises:
        ValueError: a name that S3 does not take; an unknown region.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        kms_key_arn: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.name = _check_bucket(self, "name", name)
        arn = f"arn:{partition(check_region(self, region))}:s3:::{name}"
        self.bucket = bindings.S3Bucket(
            self,
            "bucket",
            bucket=name,
            tags=dict(tags or {}),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        bindings.S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.bucket.id,
            versioning_configuration=bindings.S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        default = bindings.S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms" if kms_key_arn else "AES256", kms_master_key_id=kms_key_arn
        )
        rule = bindings.S3BucketServerSideEncryptionConfigurationRuleA(
            apply_server_side_encryption_by_default=default,
            # Else every read and write of a state is a request to KMS as well.
            bucket_key_enabled=True if kms_key_arn else None,
        )
        bindings.S3BucketServerSideEncryptionConfigurationA(self, "encryption", bucket=self.bucket.id, rule=[rule])
        closed = bindings.S3BucketPublicAccessBlock(
            self,
            "closed",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        bindings.S3BucketPolicy(
            self,
            "policy",
            bucket=self.bucket.id,
            policy=_only_by_tls(arn),
            # S3 refuses one of two such changes of a bucket at the same time (OperationAborted).
            depends_on=[closed],
        )


def keep_state(stack: TerraformStack, *, bucket: str, key: str, region: str) -> None:
    """Have a stack's state in a bucket, by one deploy at a time.

    The bucket alone says how it is encrypted: the backend's own `encrypt` without a key would ask for S3's keys, also
    where the bucket has one of KMS.

    Args:
        stack: of which other stacks find the outputs there, too.
        bucket: its name.
        key: of the object that is the state; another stack's state must have another.
        region: of the bucket.

    Raises:
        ValueError: a name that S3 does not take; an unknown region; an empty key, or one with '/' at an end.
    """
    if not key or key != key.strip("/"):
        raise invalid(stack, "key", key, "a name in the bucket, such as 'cluster7/0-network.tfstate'")
    S3Backend(stack, bucket=_check_bucket(stack, "bucket", bucket), key=key, region=check_region(stack, region))
    # Two deploys at once are refused by an object beside the state, without a table (Terraform docs, backend s3).
    stack.add_override("terraform.backend.s3.use_lockfile", True)


def _check_bucket(construct: Construct | str, argument: str, name: str) -> str:
    """Refuse what S3 does not take for a bucket's name."""
    if not re.fullmatch(_NAME, name) or ".." in name or re.fullmatch("[0-9]+([.][0-9]+){3}", name):
        raise invalid(construct, argument, name, _NAME_RIGHT)
    if name.startswith(_RESERVED_FIRST) or name.endswith(_RESERVED_LAST):
        right = f"none that begins with {', '.join(_RESERVED_FIRST)} or ends with {', '.join(_RESERVED_LAST)}"
        raise invalid(construct, argument, name, right)
    return name


def _only_by_tls(arn: str) -> str:
    """A policy of the bucket and its objects that refuses everybody's requests without TLS."""
    statement = {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
