"""Creates and deletes the resources of one cluster, tagged as the real installer tags them."""

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, s3={"addressing_style": "path"})


class Cloud:
    """The AWS clients of one cluster's region; clients are made when first used, since each costs time."""

    def __init__(self, region: str, infra_id: str) -> None:
        self._session = boto3.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        self.region = region
        self.infra_id = infra_id

    def __getattr__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=CONFIG)  # type: ignore[call-overload]
        return self._clients[service]

    @property
    def owned(self) -> tuple[str, str]:
        """The tag that every resource carries."""
        return f"kubernetes.io/cluster/{self.infra_id}", "owned"


class Creator:
    """Makes resources; `tags` are the user's, the ownership tag comes on top."""

    def __init__(self, cloud: Cloud, tags: dict[str, str]) -> None:
        self._cloud = cloud
        self._tags = [{"Key": key, "Value": value} for key, value in {**tags, cloud.owned[0]: cloud.owned[1]}.items()]
        self._subnets: list[str] = []
        self._vpc = ""
        self._bootstrap = ""

    def _spec(self, kind: str, name: str) -> list[dict[str, Any]]:
        tags = [*self._tags, {"Key": "Name", "Value": f"{self._cloud.infra_id}-{name}"}]
        return [{"ResourceType": kind, "Tags": tags}]

    def network(self) -> None:
        """VPC, two subnets, internet gateway, security group, elastic address."""
        ec2 = self._cloud.ec2
        self._vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=self._spec("vpc", "vpc"))["Vpc"]["VpcId"]
        for index in range(2):
            zone = f"{self._cloud.region}{'ab'[index]}"
            answer = ec2.create_subnet(
                VpcId=self._vpc,
                CidrBlock=f"10.0.{index * 16}.0/20",
                AvailabilityZone=zone,
                TagSpecifications=self._spec("subnet", f"subnet-{zone}"),
            )
            self._subnets.append(answer["Subnet"]["SubnetId"])
        gateway = ec2.create_internet_gateway(TagSpecifications=self._spec("internet-gateway", "igw"))
        ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGateway"]["InternetGatewayId"], VpcId=self._vpc)
        ec2.create_security_group(
            GroupName=f"{self._cloud.infra_id}-node",
            Description="nodes",
            VpcId=self._vpc,
            TagSpecifications=self._spec("security-group", "node"),
        )
        ec2.allocate_address(Domain="vpc", TagSpecifications=self._spec("elastic-ip", "eip"))

    def load_balancers(self) -> None:
        """The internal and the external API load balancer."""
        for suffix, scheme in (("int", "internal"), ("ext", "internet-facing")):
            self._cloud.elbv2.create_load_balancer(
                Name=f"{self._cloud.infra_id}-{suffix}",
                Subnets=self._subnets,
                Scheme=scheme,
                Type="network",
                Tags=self._tags,
            )

    def roles(self) -> None:
        """A role and an instance profile for each kind of machine."""
        iam = self._cloud.iam
        for kind in ("master", "worker"):
            role, profile = f"{self._cloud.infra_id}-{kind}-role", f"{self._cloud.infra_id}-{kind}-profile"
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=ASSUME, Tags=self._tags)
            iam.create_instance_profile(InstanceProfileName=profile, Tags=self._tags)
            iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)

    def zone(self, domain: str, base_domain: str) -> None:
        """The private zone with its records, and the records in the public zone of the base domain."""
        route53 = self._cloud.route53
        answer = route53.create_hosted_zone(
            Name=domain,
            CallerReference=self._cloud.infra_id,
            VPC={"VPCRegion": self._cloud.region, "VPCId": self._vpc},
            HostedZoneConfig={"PrivateZone": True, "Comment": "ocpctl"},
        )
        zone = answer["HostedZone"]["Id"].rpartition("/")[2]
        route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=self._tags)
        self._records(zone, domain)
        if public := public_zone(self._cloud, base_domain):
            self._records(public, domain)

    def _records(self, zone: str, domain: str) -> None:
        changes = [_change("UPSERT", f"{name}.{domain}") for name in ("api", "*.apps")]
        self._cloud.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def machines(self, kind: str, count: int, instance_type: str) -> None:
        """`count` instances of a kind."""
        for index in range(count):
            answer = self._cloud.ec2.run_instances(
                ImageId="ami-12c6146b",
                InstanceType=instance_type,
                MinCount=1,
                MaxCount=1,
                SubnetId=self._subnets[index % len(self._subnets)],
                TagSpecifications=self._spec("instance", f"{kind}-{index}"),
            )
            if kind == "bootstrap":
                self._bootstrap = answer["Instances"][0]["InstanceId"]

    def volume(self) -> None:
        """One more volume: what an orphaned controller makes."""
        zone = f"{self._cloud.region}a"
        self._cloud.ec2.create_volume(Size=1, AvailabilityZone=zone, TagSpecifications=self._spec("volume", "orphan"))

    def untagged_volume(self) -> str:
        """A volume that belongs to nobody yet; returns its id."""
        zone = f"{self._cloud.region}a"
        return str(self._cloud.ec2.create_volume(Size=1, AvailabilityZone=zone)["VolumeId"])

    def bootstrap_bucket(self) -> None:
        """The bucket with the bootstrap ignition."""
        name = f"{self._cloud.infra_id}-bootstrap"
        placement = {"CreateBucketConfiguration": {"LocationConstraint": self._cloud.region}}
        self._cloud.s3.create_bucket(Bucket=name, **({} if self._cloud.region == "us-east-1" else placement))
        self._cloud.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": self._tags})

    def bootstrap_done(self) -> None:
        """The bootstrap machine and its bucket go."""
        self._cloud.ec2.terminate_instances(InstanceIds=[self._bootstrap])
        delete_bucket(self._cloud)


def public_zone(cloud: Cloud, base_domain: str) -> str | None:
    """Id of the public zone of a domain, if there is one."""
    for zone in cloud.route53.list_hosted_zones()["HostedZones"]:
        if zone["Name"].rstrip(".") == base_domain and not zone["Config"]["PrivateZone"]:
            return str(zone["Id"].rpartition("/")[2])
    return None


def _change(action: str, name: str) -> dict[str, Any]:
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    return {"Action": action, "ResourceRecordSet": record}


def terminate(cloud: Cloud) -> None:
    """Ends the instances of the cluster."""
    filters = [{"Name": f"tag:{cloud.owned[0]}", "Values": ["owned"]}]
    reservations = cloud.ec2.describe_instances(Filters=filters)["Reservations"]
    ids = [instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]]
    if ids:
        cloud.ec2.terminate_instances(InstanceIds=ids)


def delete_bucket(cloud: Cloud) -> None:
    """Deletes the bootstrap bucket, if it is there."""
    try:
        cloud.s3.delete_bucket(Bucket=f"{cloud.infra_id}-bootstrap")
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
