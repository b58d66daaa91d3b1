"""A machine on EC2, with an address and a data volume that stay when the instance is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.cloud_init import HostSettings, user_data
from cdktf_mesos.aws.login import HOST_KEY, Login, WayIn, trust
from cdktf_mesos.aws.machine_role import MachineRole
from cdktf_mesos.aws.places import Place, check_address
from cdktf_mesos.aws.readiness import wait_until_ready
from cdktf_mesos.cdk import (
    Fn,
    Postcondition,
    Precondition,
    TerraformResourceLifecycle,
    TerraformStack,
    Token,
)
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.expressions import literal, quoted
from cdktf_mesos.terraform_data import TerraformData

# The newest image of a release of Debian, by the Debian cloud team (Debian wiki, Cloud/AmazonEC2Image).
_IMAGE = "/aws/service/debian/release/{}/latest/amd64"


@dataclass(frozen=True)
class Debian:
    """What the machines of a release of Debian have, after host.sh.

    Args:
        engine_version: the version of its docker.io.
        cgroup_version: the version of cgroups.
    """

    engine_version: str
    cgroup_version: int


DEBIAN = {12: Debian("20.10.24", 1), 13: Debian("26.1.5", 2)}
"""The releases of Debian that machines may have."""

# The device name of the data volume's attachment. On Nitro instances, the system finds the volume by its id instead
# (Amazon EBS user guide, NVMe).
_DEVICE_NAME = "/dev/sdf"
_DEVICE_BY_ID = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"


@dataclass(frozen=True)
class MachineOptions:
    """Options that several machines may share.

    Args:
        instance_type: a Nitro type on amd64; by default m6i.large. A change takes effect with the next generation.
        debian: the release of Debian, 13 by default, or 12. A change takes effect with the next generation. Debian 13
            has cgroup v2 and Docker 26.1. Debian 12 gets cgroup v1, by kernel arguments and a reboot, and Docker 20.10.
        ami: the id of an image with that release; by default the newest one when the machine is made. A newer image
            takes effect with the next generation.
        root_gib: size of the root volume, in GiB, which has the engine's images and the tasks' layers; by default 30.
        data_gib: size of the data volume, in GiB; by default 50, and 0 for no volume.
        kms_key_arn: ARN of the key that encrypts the volumes; by default the account's own key for EBS. A data volume
            keeps the key that it was made with, a root volume keeps it until the next generation.
        protected: whether AWS refuses to terminate the instance unless Terraform does it; by default False.
        spot: whether it is a spot instance; by default False. A change takes effect with the next generation.
        mirror: a mirror of Debian's archive, if the machines cannot reach Debian's own; by default Debian's own.
        engine_metrics_port: the port at which the engine gives its metrics to Prometheus, usually 9323; by default it
            gives none. A change takes effect with the next generation.
        ready_seconds: how long a new machine may take until it is ready, in seconds; by default 900, since packages are
            installed, and with Debian 12 it boots twice.
        authorized_keys: public keys that may log in to a new machine besides that of the key pair; by default there are
            none. A change takes effect with the next generation.
        tags: tags of all its resources; by default there are none.
    """

    instance_type: str = "m6i.large"
    debian: Literal[12, 13] = 13
    ami: str | None = None
    root_gib: int = 30
    data_gib: int = 50
    kms_key_arn: str | None = None
    protected: bool = False
    spot: bool = False
    mirror: str = ""
    engine_metrics_port: int | None = None
    ready_seconds: int = 900
    authorized_keys: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class Ec2Machine(Construct):
    """An EC2 instance, its address and its data volume. Address and volume stay when the instance is replaced.

    `host_key` is the public ssh host key that the machine has published, in a parameter that only its role may write.
    So a login need not trust an unknown key, and the private key never leaves the machine.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: the machine's name; part of the names of its resources.
        region: the region of the AWS provider.
        place: its subnet.
        address: its private address in that subnet.
        security_group_ids: its security groups.
        key_name: the key pair whose private key logs in.
        role: its instance role.
        login: the user that logs in, and the options of ssh.
        way_in: the way of a login to the machine, such as a bastion; by default the machine gets a public address.
        engine: whether it runs Docker; by default True.
        generation: another number makes a new machine, with the image and settings of that time; by default 1.
        options: further options; by default those of `MachineOptions()`.

    Raises:
        ValueError: the address is not in the subnet, or AWS reserves it; a size or number is less than 1.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        place: Place,
        address: str,
        security_group_ids: Sequence[str],
        key_name: str,
        role: MachineRole,
        login: Login,
        way_in: WayIn | None = None,
        engine: bool = True,
        generation: int = 1,
        options: MachineOptions | None = None,
    ) -> None:
        super().__init__(scope, id_)
        options = options or MachineOptions()
        self.name, self.address = name, check_address(self, "address", address, place)
        sizes = {"generation": generation, "root_gib": options.root_gib, "ready_seconds": options.ready_seconds}
        for argument, value in sizes.items():
            check_whole(self, argument, value)
        if options.debian not in DEBIAN:
            raise invalid(self, "debian", options.debian, "Use 12 or 13")
        self.debian = DEBIAN[options.debian]
        if options.data_gib < 0:
            remedy = "Use a whole number, 1 or more, or 0 for no data volume"
            raise invalid(self, "data_gib", options.data_gib, remedy)
        tags = {**options.tags, "Name": name}

        interface = bindings.NetworkInterface(
            self,
            "interface",
            subnet_id=place.id,
            private_ips=[address],
            security_groups=list(security_group_ids),
            description=name,
            tags=tags,
            lifecycle=TerraformResourceLifecycle(precondition=[self._stays(place, address)]),
        )
        self.public_address: str | None = None
        if way_in is None:
            self.public_address = bindings.Eip(
                self, "public-address", domain="vpc", network_interface=interface.id, tags=tags
            ).public_ip
        volume = self._volume(place, options, tags) if options.data_gib else None
        parameter = bindings.SsmParameter(
            self,
            "host-key",
            name=f"{role.path}/{name}/{generation}/ssh-host-key",
            description=f"The public ssh host key of {name}, published by itself",
            type="String",
            insecure_value="pending",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["insecure_value"]),
            tags=tags,
        )
        number = TerraformData(self, "generation", input={"generation": generation})
        self.instance = bindings.Instance(
            self,
            "instance",
            ami=options.ami or _newest_image(self, options.debian),
            instance_type=options.instance_type,
            key_name=key_name,
            iam_instance_profile=role.profile.name,
            network_interface=[bindings.InstanceNetworkInterface(device_index=0, network_interface_id=interface.id)],
            metadata_options=bindings.InstanceMetadataOptions(
                # With one hop, a container on a bridge network cannot get the machine's credentials.
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
            ),
            root_block_device=bindings.InstanceRootBlockDevice(
                volume_type="gp3",
                volume_size=options.root_gib,
                encrypted=True,
                kms_key_id=options.kms_key_arn,
                tags=tags,
            ),
            disable_api_termination=options.protected,
            instance_market_options=bindings.InstanceInstanceMarketOptions(market_type="spot")
            if options.spot
            else None,
            user_data=user_data(
                HostSettings(
                    name=name,
                    region=region,
                    key_parameter=parameter.name,
                    data_device=_DEVICE_BY_ID + Fn.replace(volume.id, "-", "") if volume else "",
                    engine=engine,
                    login_user=login.user,
                    mirror=options.mirror,
                    engine_metrics=f"{address}:{options.engine_metrics_port}" if options.engine_metrics_port else "",
                ),
                options.authorized_keys,
            ),
            tags=tags,
            depends_on=[role.policy],
            lifecycle=TerraformResourceLifecycle(
                # Only another generation replaces or stops a machine. The new one gets the current values of these.
                ignore_changes=[
                    *("ami", "user_data", "instance_type", "instance_market_options"),
                    "root_block_device[0].kms_key_id",
                ],
                replace_triggered_by=[f"{number.terraform_resource_type}.{number.friendly_unique_id}"],
            ),
        )
        attachment = volume and bindings.VolumeAttachment(
            self,
            "attachment",
            device_name=_DEVICE_NAME,
            instance_id=self.instance.id,
            volume_id=volume.id,
            # Members then end as at any shutdown. A spot instance cannot be stopped; its end detaches the volume.
            stop_instance_before_detaching=not options.spot,
            skip_destroy=options.spot,
        )
        self._login, self._way_in = login, way_in
        self.ready = wait_until_ready(
            self,
            name=name,
            address=self.reached_at,
            login=login,
            way_in=way_in,
            instance_id=self.instance.id,
            parameter=parameter.name,
            region=region,
            seconds=options.ready_seconds,
            after=[attachment] if attachment else [self.instance],
        )
        published = bindings.DataAwsSsmParameter(
            self,
            "published-host-key",
            name=parameter.name,
            lifecycle=TerraformResourceLifecycle(postcondition=[self._is_a_key()]),
            depends_on=[self.ready],
        )
        # Only a well-formed key may get into a command, even if another stack reads it from this stack's state.
        self.host_key = Token.as_string(Fn.regex(HOST_KEY, published.insecure_value))

    @property
    def reached_at(self) -> str:
        """The address that a login uses."""
        return self.public_address or self.address

    @property
    def ssh_options(self) -> list[str]:
        """The options of ssh to the machine, for `DockerHost`; they can be used in another stack, too."""
        return [*trust(self.reached_at, self.host_key), *self._login.route(self._way_in, self.instance.id)]

    @property
    def engine(self) -> str:
        """The machine's engine, for `DockerHost`."""
        return f"ssh://{self._login.user}@{self.reached_at}"

    def _stays(self, place: Place, address: str) -> Precondition:
        """Refuses to move the machine: its volume cannot move, and other members know its address."""
        made = TerraformData(
            self,
            "made-at",
            input={"zone": place.zone, "address": address},
            lifecycle=TerraformResourceLifecycle(ignore_changes=["input"]),
        )
        zone, made_at = made.output("zone"), made.output("address")
        return Precondition(
            condition=f"${{{zone} == {quoted(place.zone)} && {made_at} == {quoted(address)}}}",
            error_message=literal(f"{self.node.path}: place, address is invalid: {place.zone!r}, {address!r}. ")
            + f"Put back ${{{zone}}}, ${{{made_at}}}, where its data are: the zone, range and address of a machine "
            "that exists must stay",
        )

    def _is_a_key(self) -> Postcondition:
        """Refuses a parameter that is not a host key: its value becomes part of commands where Terraform runs."""
        return Postcondition(
            condition=f"${{can(regex({quoted(HOST_KEY)}, self.insecure_value))}}",
            error_message=literal(f"{self.node.path}: the parameter ") + "${self.name} does not have a host key, "
            "'ssh-ed25519 AAAA…'. Only the machine itself may write it. Find out who did (CloudTrail, PutParameter).",
        )

    def _volume(self, place: Place, options: MachineOptions, tags: Mapping[str, str]) -> bindings.EbsVolume:
        return bindings.EbsVolume(
            self,
            "data",
            availability_zone=place.zone,
            size=options.data_gib,
            type="gp3",
            encrypted=True,
            kms_key_id=options.kms_key_arn,
            # A destroyed volume can be restored from its snapshot.
            final_snapshot=True,
            # Another key would replace the volume by an empty one.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["kms_key_id"]),
            tags={**tags, "Name": f"{self.name}-data"},
        )


def _newest_image(scope: Construct, release: int) -> str:
    """The id of the newest image of a release, from one data source for each stack."""
    stack, id_ = TerraformStack.of(scope), f"debian-{release}"
    found = stack.node.try_find_child(id_)
    if not isinstance(found, bindings.DataAwsSsmParameter):
        found = bindings.DataAwsSsmParameter(stack, id_, name=_IMAGE.format(release))
    return found.insecure_value
