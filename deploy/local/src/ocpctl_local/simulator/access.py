"""What the installer makes itself: roles, the bootstrap bucket, the private zone and the API's records."""

import json
import secrets
from typing import Any

from ocpctl_local.simulator.cloud import public_zone
from ocpctl_local.simulator.site import Balancer, Site

ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
)


def roles(site: Site) -> None:
    """A role with a policy and an instance profile for each kind of machine."""
    iam = site.cloud.iam
    for kind in ("master", "worker"):
        role, profile = f"{site.cloud.infra_id}-{kind}-role", f"{site.cloud.infra_id}-{kind}-profile"
        tags = site.installer_tags(f"{kind}-role")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=ASSUME, Tags=tags)
        iam.put_role_policy(RoleName=role, PolicyName=f"{site.cloud.infra_id}-{kind}-policy", PolicyDocument=POLICY)
        iam.create_instance_profile(InstanceProfileName=profile, Tags=tags)
        iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)


def zone(site: Site) -> None:
    """The private zone, and the API's records there and in the public zone, all aliases of load balancers.

    A record is private before it is public: destroy finds the public ones by the private ones.
    """
    route53 = site.cloud.route53
    answer = route53.create_hosted_zone(
        Name=site.domain,
        CallerReference=f"{site.cloud.infra_id}-{secrets.token_hex(3)[:5]}",
        VPC={"VPCRegion": site.cloud.region, "VPCId": site.vpc},
        HostedZoneConfig={"PrivateZone": True, "Comment": "Created by Openshift Installer"},
    )
    site.zone = answer["HostedZone"]["Id"].rpartition("/")[2]
    route53.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=site.zone, AddTags=site.installer_tags("int")
    )
    point(site, ("api", "api-int"), site.balancers["int"], site.zone)
    if public := public_zone(site.cloud, site.domain):
        point(site, ("api",), site.balancers["ext"], public)


def point(site: Site, names: tuple[str, ...], balancer: Balancer, zone_id: str) -> None:
    """Records below the cluster's domain that are aliases of a load balancer."""
    changes = [{"Action": "UPSERT", "ResourceRecordSet": _alias(f"{name}.{site.domain}", balancer)} for name in names]
    site.cloud.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


def _alias(name: str, balancer: Balancer) -> dict[str, Any]:
    target = {"HostedZoneId": balancer.zone, "DNSName": f"{balancer.host}.", "EvaluateTargetHealth": False}
    return {"Name": name, "Type": "A", "AliasTarget": target}


def bootstrap_bucket(site: Site) -> None:
    """The bucket with the bootstrap machine's ignition."""
    bucket(site, bootstrap_bucket_name(site.cloud.infra_id), "bootstrap-data")
    site.cloud.s3.put_object(
        Bucket=bootstrap_bucket_name(site.cloud.infra_id),
        Key=f"control-plane/{site.cloud.infra_id}-bootstrap",
        Body=b"{}",
    )


def bootstrap_bucket_name(infra_id: str) -> str:
    """As the installer names it."""
    return f"openshift-bootstrap-data-{infra_id}"


def bucket(site: Site, name: str, label: str) -> None:
    """A tagged bucket in the cluster's region."""
    placement = {"CreateBucketConfiguration": {"LocationConstraint": site.cloud.region}}
    site.cloud.s3.create_bucket(Bucket=name, **({} if site.cloud.region == "us-east-1" else placement))
    site.cloud.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": site.installer_tags(label)})


def bootstrap_done(site: Site) -> None:
    """The bootstrap machine and its bucket go."""
    site.cloud.ec2.terminate_instances(InstanceIds=[site.bootstrap])
    name = bootstrap_bucket_name(site.cloud.infra_id)
    site.cloud.s3.delete_object(Bucket=name, Key=f"control-plane/{site.cloud.infra_id}-bootstrap")
    site.cloud.s3.delete_bucket(Bucket=name)
