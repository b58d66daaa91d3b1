"""Terraform's states in S3: the bucket, and the backend of the stacks."""

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
_NAME_REMEDY = (
    "Use 3 to 63 small letters, digits, '-' and '.', with a letter or digit at both ends, without '..', and not an IP "
    "address"
)
_RESERVED_FIRST = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_LAST = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")


class StateBucket(Construct):
    """A bucket for the states of stacks. A state is all that Terraform knows about the resources that it has made.

    The bucket keeps all versions of a state for ever, so that the one before a mistake can be restored; states are
    small. Only its own account has access. It is encrypted and refuses requests without TLS. A plan that would destroy
    it fails.

    Args:
        scope: a stack whose own state is not in the bucket, or a construct in it.
        id_: unique in the scope.
        name: the bucket's name, unique in its partition of AWS. It must be text, not an expression, because stacks find
            their states by it.
        region: the region of the AWS provider.
        kms_key_arn: ARN of the key that encrypts the states. Everybody who deploys must be allowed to use it. By
            default S3's own key.
        tags: tags of the bucket; by default there are none.

    Raises:
        ValueError: S3 does not accept the name; the region is unknown.
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
            # Without it, every read and write of a state would also be a request to KMS.
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
            # S3 refuses one of two such changes of a bucket if they come at the same time (OperationAborted).
            depends_on=[closed],
        )


def keep_state(stack: TerraformStack, *, bucket: str, key: str, region: str) -> None:
    """Keep a stack's state in a bucket, with a lock, so that only one deploy at a time can change it.

    The bucket's own settings decide about encryption. The backend's `encrypt` without a key would request S3's own
    keys, even if the bucket has a key of KMS.

    Args:
        stack: the stack. Other stacks then read its outputs from the bucket, too.
        bucket: the bucket's name.
        key: the name of the state in the bucket; each stack needs another.
        region: the region of the bucket.

    Raises:
        ValueError: S3 does not accept the bucket's name; the region is unknown; the key is empty, or begins or ends
            with '/'.
    """
    if not key or key != key.strip("/"):
        raise invalid(stack, "key", key, "Use a name in the bucket, such as 'cluster7/0-network.tfstate'")
    S3Backend(stack, bucket=_check_bucket(stack, "bucket", bucket), key=key, region=check_region(stack, region))
    # The lock is an object next to the state; no table is needed (Terraform docs, backend s3).
    stack.add_override("terraform.backend.s3.use_lockfile", True)


def _check_bucket(construct: Construct | str, argument: str, name: str) -> str:
    """Return the name. Refuse one that S3 does not accept for a bucket."""
    if not re.fullmatch(_NAME, name) or ".." in name or re.fullmatch("[0-9]+([.][0-9]+){3}", name):
        raise invalid(construct, argument, name, _NAME_REMEDY)
    if name.startswith(_RESERVED_FIRST) or name.endswith(_RESERVED_LAST):
        remedy = (
            f"Use a name that does not begin with {', '.join(_RESERVED_FIRST)} and does not end with "
            f"{', '.join(_RESERVED_LAST)}"
        )
        raise invalid(construct, argument, name, remedy)
    return name


def _only_by_tls(arn: str) -> str:
    """A policy for the bucket and its objects that refuses all requests without TLS."""
    statement = {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
