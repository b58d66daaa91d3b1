"""The rule with which the VPC's resolver asks Mesos-DNS: made, unchanged in a second plan, and removed."""

from __future__ import annotations

import json
from pathlib import Path

from cdktf_mesos.aws import ClusterSecurity, ResolverRule, bindings
from cdktf_mesos.cdk import App, LocalBackend, TerraformStack
from tests.terraform.conftest import run_terraform
from tests.terraform.moto import REGION, Moto

DOMAIN = "cluster7.example.com"
ADDRESSES = ["10.11.1.10", "10.11.2.10"]


def test_a_rule_is_made_once_and_removed(tmp_path: Path, environment: dict[str, str], moto: Moto) -> None:
    resolver = moto.client("route53resolver")
    vpc, places = moto.network("10.11")
    app = App(outdir=str(tmp_path / "out"))
    stack = TerraformStack(app, "rule")
    LocalBackend(stack, path=str(tmp_path / "state"))
    bindings.AwsProvider(stack, "aws", region=REGION)
    security = ClusterSecurity(stack, "security", name="cluster7", vpc_id=vpc, ports=[])
    ResolverRule(
        stack,
        "resolver-rule",
        name="cluster7",
        vpc_id=vpc,
        places=places,
        domain=DOMAIN,
        addresses=ADDRESSES,
        group_id=security.groups["control"].id,
    )
    app.synth()

    def terraform(*words: str) -> str:
        folder = tmp_path / "out/stacks/rule"
        return run_terraform(folder, {**environment, **moto.environment}, *words, "-no-color", check=True).stdout

    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    (rule,) = [each for each in resolver.list_resolver_rules()["ResolverRules"] if each["RuleType"] == "FORWARD"]
    assert rule["DomainName"] == f"{DOMAIN}."
    assert [(each["Ip"], each["Port"]) for each in rule["TargetIps"]] == [(address, 53) for address in ADDRESSES]
    associations = resolver.list_resolver_rule_associations()["ResolverRuleAssociations"]
    assert (rule["Id"], vpc) in [(each["ResolverRuleId"], each["VPCId"]) for each in associations]
    terraform("plan", "-input=false", "-out=plan")
    planned = json.loads(terraform("show", "-json", "plan"))["resource_changes"]
    assert [each["address"] for each in planned if each["change"]["actions"] != ["no-op"]] == []
    terraform("destroy", "-auto-approve", "-input=false")
    assert not resolver.list_resolver_endpoints()["ResolverEndpoints"]
