from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Place, ResolverRule
from cdktf_mesos.cdk import TerraformStack

PLACES = [Place(f"subnet-{n}", f"eu-central-1{zone}", f"10.20.{n}.0/24") for n, zone in enumerate("abcdefg")]
ADDRESSES = [f"10.20.{n}.10" for n in range(7)]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"domain": "Mesos"}, r"domain is invalid: 'Mesos'\. Use labels"),
        ({"domain": "internal"}, r"domain is invalid: 'internal'\. Use a domain without 'compute\.internal' in it"),
        ({"domain": "amazonaws.com"}, r"domain is invalid: 'amazonaws\.com'\. .*the names that AWS has there"),
        ({"places": PLACES[:1]}, r"places is invalid: \['subnet-0'\]\. Give 2 to 6 subnets"),
        ({"places": PLACES}, r"places is invalid: .*Give 2 to 6 subnets"),
        ({"addresses": []}, r"addresses is invalid: \[\]\. Give the addresses of 1 to 6 members"),
        ({"addresses": ADDRESSES}, r"addresses is invalid: .*Give the addresses of 1 to 6 members"),
        ({"name": "x" * 51}, r"name is invalid: .*Use up to 50 characters"),
    ],
)
def test_what_aws_would_refuse_is_refused(aws_stack: TerraformStack, more: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"name": "prod", "vpc_id": "vpc-1", "places": PLACES[:2], "group_id": "sg-1"}
    given |= {"domain": "mesos.internal", "addresses": ADDRESSES[:3]}
    with pytest.raises(ValueError, match=f"resolver-rule: {message}"):
        ResolverRule(aws_stack, "resolver-rule", **{**given, **more})
    ResolverRule(aws_stack, "right", **given)
