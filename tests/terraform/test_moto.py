"""The fixes of moto work: free interfaces, EC2's error for a second revocation, requests sent again, descriptions."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.terraform.moto import REGION, Moto


def test_an_interface_is_free_again_after_its_instance_was_terminated(moto: Moto) -> None:
    api = moto.client("ec2")
    vpc = api.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = api.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
    interface = api.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    given = [{"DeviceIndex": 0, "NetworkInterfaceId": interface}]
    image = api.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    started = api.run_instances(ImageId=image, MinCount=1, MaxCount=1, NetworkInterfaces=given)["Instances"][0]
    api.terminate_instances(InstanceIds=[started["InstanceId"]])
    (found,) = api.describe_instances(InstanceIds=[started["InstanceId"]])["Reservations"][0]["Instances"]
    assert found["State"]["Name"] == "terminated"
    (free,) = api.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
    assert free["Status"] == "available" and "Attachment" not in free
    again = api.run_instances(ImageId=image, MinCount=1, MaxCount=1, NetworkInterfaces=given)["Instances"][0]
    api.terminate_instances(InstanceIds=[again["InstanceId"]])
    api.delete_network_interface(NetworkInterfaceId=interface)


@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_revoking_a_rule_again_reports_its_id_as_unknown(moto: Moto, way: str) -> None:
    api = moto.client("ec2")
    vpc = api.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = api.create_security_group(GroupName=f"revoked-{way}", Description="a test's", VpcId=vpc)["GroupId"]
    port = {"IpProtocol": "tcp", "FromPort": 2181, "ToPort": 2181, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    made = getattr(api, f"authorize_security_group_{way}")(GroupId=group, IpPermissions=[port])
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    revoke = getattr(api, f"revoke_security_group_{way}")
    revoke(GroupId=group, SecurityGroupRuleIds=[rule])
    with pytest.raises(ClientError, match=r"InvalidSecurityGroupRuleId\.NotFound"):
        revoke(GroupId=group, SecurityGroupRuleIds=[rule])
    with pytest.raises(ClientError, match=r"InvalidPermission\.NotFound"):
        revoke(GroupId=group, IpPermissions=[port])


@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_a_rule_whose_peer_is_a_group_has_its_description(moto: Moto, way: str) -> None:
    api = moto.client("ec2")
    vpc = api.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = api.create_security_group(GroupName=f"described-{way}", Description="a test's", VpcId=vpc)["GroupId"]
    pairs = [{"GroupId": group, "Description": "each other"}]
    rule = {"IpProtocol": "tcp", "FromPort": 2181, "ToPort": 2181, "UserIdGroupPairs": pairs}
    getattr(api, f"authorize_security_group_{way}")(GroupId=group, IpPermissions=[rule])
    found = api.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [each.get("Description") for each in found if each["IpProtocol"] == "tcp"] == ["each other"]


def test_a_request_that_a_client_sends_again_gets_the_first_answer_again(moto: Moto) -> None:
    client, sent = moto.client("ec2"), list[Any]()
    client.meta.events.register("before-send.ec2.RevokeSecurityGroupEgress", lambda request, **_: sent.append(request))
    vpc, _ = moto.network("10.99")
    group = client.create_security_group(GroupName="again", Description="again", VpcId=vpc)["GroupId"]
    revoked = {"GroupId": group, "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
    client.revoke_security_group_egress(**revoked)
    with requests.Session() as session:
        session.trust_env = False  # use no proxy for a server on this machine
        again = session.post(sent[0].url, headers=dict(sent[0].headers), data=sent[0].body, timeout=30)
    assert again.status_code == 200, again.text
    # A new request is another matter.
    with pytest.raises(ClientError, match=r"InvalidPermission\.NotFound"):
        client.revoke_security_group_egress(**revoked)
