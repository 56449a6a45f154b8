"""The registry of resource types knows all that the installer's own destroyer for AWS deletes."""

import pytest
from ocpctl_common.providers.aws.resources import looking
from ocpctl_common.providers.aws.resources.thing import from_arn

EC2 = "arn:aws:ec2:eu-west-1:111122223333"
ELB = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"
IAM = "arn:aws:iam::111122223333"
EFS = "arn:aws:elasticfilesystem:eu-west-1:111122223333"
# By the words of the destroyer's own switch (openshift/installer, pkg/destroy/aws).
DELETED = [
    *(
        f"{EC2}:{word}/x-1"
        for word in (
            "dhcp-options",
            "elastic-ip",
            "image",
            "instance",
            "internet-gateway",
            "carrier-gateway",
            "natgateway",
            "placement-group",
            "route-table",
            "security-group",
            "snapshot",
            "network-interface",
            "subnet",
            "volume",
            "vpc",
            "vpc-endpoint",
            "vpc-peering-connection",
            "vpc-endpoint-service",
            "egress-only-internet-gateway",
            "dedicated-host",
        )
    ),
    f"{ELB}:loadbalancer/a1b2",
    f"{ELB}:loadbalancer/net/x/1",
    f"{ELB}:targetgroup/x/1",
    f"{ELB}:listener/net/x/1/2",
    f"{IAM}:instance-profile/x",
    f"{IAM}:role/x",
    f"{IAM}:user/x",
    "arn:aws:route53:::hostedzone/Z1",
    "arn:aws:s3:::bucket",
    f"{EFS}:file-system/fs-1",
    f"{EFS}:access-point/fsap-1",
]


@pytest.mark.parametrize("arn", DELETED)
def test_what_destroy_deletes_is_confirmed_by_its_own_service(arn: str) -> None:
    assert from_arn(arn, "eu-west-1", {}).kind in looking.CONFIRMS
