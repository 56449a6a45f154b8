"""The Resource Groups Tagging API: whatever carries the tag and has no finder of its own.

Types with a finder are left to it: the tagging API is eventually consistent and names deleted things for a while.
"""

from ocpctl_installer_runner.absence.target import Clients, Target, pages

GLOBAL_REGION = "us-east-1"
CONFIRMED_ELSEWHERE = {
    "ec2:instance",
    "ec2:volume",
    "ec2:elastic-ip",
    "ec2:natgateway",
    "ec2:network-interface",
    "ec2:security-group",
    "ec2:internet-gateway",
    "ec2:subnet",
    "ec2:vpc",
    "elasticloadbalancing:loadbalancer",
    "elasticloadbalancing:targetgroup",
    "iam:role",
    "iam:instance-profile",
    "iam:user",
    "route53:hostedzone",
    "s3:",
}


def _others(clients: Clients, target: Target) -> list[str]:
    found = []
    for region in sorted({target.region, GLOBAL_REGION}):
        items = pages(
            clients.get("resourcegroupstaggingapi", region),
            "get_resources",
            "ResourceTagMappingList",
            TagFilters=[{"Key": target.tag, "Values": ["owned"]}],
        )
        arns = [item["ResourceARN"] for item in items]
        found += [arn for arn in arns if _type(arn) not in CONFIRMED_ELSEWHERE]
    return found


def _type(arn: str) -> str:
    """`service:resource-type` of an ARN; a bucket's has no type."""
    _, _, service, _, _, resource = arn.split(":", 5)
    return f"{service}:{resource.partition('/')[0] if '/' in resource else ''}"


FINDERS = {"tagging:other": _others}
