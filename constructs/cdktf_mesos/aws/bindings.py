"""The classes of the AWS provider's bindings that the constructs use. Each is imported at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_mesos.bindings import lazily

if TYPE_CHECKING:
    from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
        DataAwsAvailabilityZones as DataAwsAvailabilityZones,
    )
    from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter as DataAwsSsmParameter
    from cdktf_cdktf_provider_aws.data_aws_subnet import DataAwsSubnet as DataAwsSubnet
    from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup as DefaultSecurityGroup
    from cdktf_cdktf_provider_aws.ebs_volume import EbsVolume as EbsVolume
    from cdktf_cdktf_provider_aws.eip import Eip as Eip
    from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile as IamInstanceProfile
    from cdktf_cdktf_provider_aws.iam_role import IamRole as IamRole
    from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy as IamRolePolicy
    from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment as IamRolePolicyAttachment
    from cdktf_cdktf_provider_aws.instance import Instance as Instance
    from cdktf_cdktf_provider_aws.instance import InstanceInstanceMarketOptions as InstanceInstanceMarketOptions
    from cdktf_cdktf_provider_aws.instance import InstanceMetadataOptions as InstanceMetadataOptions
    from cdktf_cdktf_provider_aws.instance import InstanceNetworkInterface as InstanceNetworkInterface
    from cdktf_cdktf_provider_aws.instance import InstanceRootBlockDevice as InstanceRootBlockDevice
    from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway as InternetGateway
    from cdktf_cdktf_provider_aws.key_pair import KeyPair as KeyPair
    from cdktf_cdktf_provider_aws.lb import Lb as Lb
    from cdktf_cdktf_provider_aws.lb_listener import LbListener as LbListener
    from cdktf_cdktf_provider_aws.lb_listener import LbListenerDefaultAction as LbListenerDefaultAction
    from cdktf_cdktf_provider_aws.lb_listener_certificate import LbListenerCertificate as LbListenerCertificate
    from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup as LbTargetGroup
    from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroupHealthCheck as LbTargetGroupHealthCheck
    from cdktf_cdktf_provider_aws.lb_target_group import (
        LbTargetGroupTargetHealthState as LbTargetGroupTargetHealthState,
    )
    from cdktf_cdktf_provider_aws.lb_target_group_attachment import LbTargetGroupAttachment as LbTargetGroupAttachment
    from cdktf_cdktf_provider_aws.nat_gateway import NatGateway as NatGateway
    from cdktf_cdktf_provider_aws.network_interface import NetworkInterface as NetworkInterface
    from cdktf_cdktf_provider_aws.provider import AwsProvider as AwsProvider
    from cdktf_cdktf_provider_aws.provider import AwsProviderDefaultTags as AwsProviderDefaultTags
    from cdktf_cdktf_provider_aws.route import Route as Route
    from cdktf_cdktf_provider_aws.route53_record import Route53Record as Route53Record
    from cdktf_cdktf_provider_aws.route53_record import Route53RecordAlias as Route53RecordAlias
    from cdktf_cdktf_provider_aws.route53_resolver_endpoint import Route53ResolverEndpoint as Route53ResolverEndpoint
    from cdktf_cdktf_provider_aws.route53_resolver_endpoint import (
        Route53ResolverEndpointIpAddress as Route53ResolverEndpointIpAddress,
    )
    from cdktf_cdktf_provider_aws.route53_resolver_rule import Route53ResolverRule as Route53ResolverRule
    from cdktf_cdktf_provider_aws.route53_resolver_rule import (
        Route53ResolverRuleTargetIp as Route53ResolverRuleTargetIp,
    )
    from cdktf_cdktf_provider_aws.route53_resolver_rule_association import (
        Route53ResolverRuleAssociation as Route53ResolverRuleAssociation,
    )
    from cdktf_cdktf_provider_aws.route_table import RouteTable as RouteTable
    from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation as RouteTableAssociation
    from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket as S3Bucket
    from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy as S3BucketPolicy
    from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import (
        S3BucketPublicAccessBlock as S3BucketPublicAccessBlock,
    )
    from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
        S3BucketServerSideEncryptionConfigurationA as S3BucketServerSideEncryptionConfigurationA,
    )
    from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
        S3BucketServerSideEncryptionConfigurationRuleA as S3BucketServerSideEncryptionConfigurationRuleA,
    )
    from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA as S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,  # noqa: E501
    )
    from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA as S3BucketVersioningA
    from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
        S3BucketVersioningVersioningConfiguration as S3BucketVersioningVersioningConfiguration,
    )
    from cdktf_cdktf_provider_aws.security_group import SecurityGroup as SecurityGroup
    from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter as SsmParameter
    from cdktf_cdktf_provider_aws.subnet import Subnet as Subnet
    from cdktf_cdktf_provider_aws.volume_attachment import VolumeAttachment as VolumeAttachment
    from cdktf_cdktf_provider_aws.vpc import Vpc as Vpc
    from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint as VpcEndpoint
    from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import (
        VpcSecurityGroupEgressRule as VpcSecurityGroupEgressRule,
    )
    from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import (
        VpcSecurityGroupIngressRule as VpcSecurityGroupIngressRule,
    )

_SUBMODULES = {
    "AwsProvider": "provider",
    "AwsProviderDefaultTags": "provider",
    "DataAwsAvailabilityZones": "data_aws_availability_zones",
    "DataAwsSsmParameter": "data_aws_ssm_parameter",
    "DataAwsSubnet": "data_aws_subnet",
    "DefaultSecurityGroup": "default_security_group",
    "EbsVolume": "ebs_volume",
    "Eip": "eip",
    "IamInstanceProfile": "iam_instance_profile",
    "IamRole": "iam_role",
    "IamRolePolicy": "iam_role_policy",
    "IamRolePolicyAttachment": "iam_role_policy_attachment",
    "Instance": "instance",
    "InstanceInstanceMarketOptions": "instance",
    "InstanceMetadataOptions": "instance",
    "InstanceNetworkInterface": "instance",
    "InstanceRootBlockDevice": "instance",
    "InternetGateway": "internet_gateway",
    "KeyPair": "key_pair",
    "Lb": "lb",
    "LbListener": "lb_listener",
    "LbListenerCertificate": "lb_listener_certificate",
    "LbListenerDefaultAction": "lb_listener",
    "LbTargetGroup": "lb_target_group",
    "LbTargetGroupAttachment": "lb_target_group_attachment",
    "LbTargetGroupHealthCheck": "lb_target_group",
    "LbTargetGroupTargetHealthState": "lb_target_group",
    "NatGateway": "nat_gateway",
    "NetworkInterface": "network_interface",
    "Route": "route",
    "Route53Record": "route53_record",
    "Route53RecordAlias": "route53_record",
    "Route53ResolverEndpoint": "route53_resolver_endpoint",
    "Route53ResolverEndpointIpAddress": "route53_resolver_endpoint",
    "Route53ResolverRule": "route53_resolver_rule",
    "Route53ResolverRuleAssociation": "route53_resolver_rule_association",
    "Route53ResolverRuleTargetIp": "route53_resolver_rule",
    "RouteTable": "route_table",
    "RouteTableAssociation": "route_table_association",
    "S3Bucket": "s3_bucket",
    "S3BucketPolicy": "s3_bucket_policy",
    "S3BucketPublicAccessBlock": "s3_bucket_public_access_block",
    "S3BucketServerSideEncryptionConfigurationA": "s3_bucket_server_side_encryption_configuration",
    "S3BucketServerSideEncryptionConfigurationRuleA": "s3_bucket_server_side_encryption_configuration",
    "S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA": (
        "s3_bucket_server_side_encryption_configuration"
    ),
    "S3BucketVersioningA": "s3_bucket_versioning",
    "S3BucketVersioningVersioningConfiguration": "s3_bucket_versioning",
    "SecurityGroup": "security_group",
    "SsmParameter": "ssm_parameter",
    "Subnet": "subnet",
    "VolumeAttachment": "volume_attachment",
    "Vpc": "vpc",
    "VpcEndpoint": "vpc_endpoint",
    "VpcSecurityGroupEgressRule": "vpc_security_group_egress_rule",
    "VpcSecurityGroupIngressRule": "vpc_security_group_ingress_rule",
}

__getattr__ = lazily(globals(), "aws", _SUBMODULES)
