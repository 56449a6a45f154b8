"""Load balancers of both generations, target groups, listeners: by tag, by name, by the VPC that they stand in."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.providers.aws.resources.clients import Clients, pages, present
from ocpctl_common.providers.aws.resources.thing import Owner, tag_map
from ocpctl_common.providers.cloud import Thing

BALANCER = "elasticloadbalancing:loadbalancer"
TARGETS = "elasticloadbalancing:targetgroup"
CLASSIC = "elasticloadbalancing:classic"
AT_ONCE = 20  # what one call tells the tags of
# kind: service, operation, result, argument of the call that describes one
_ROWS = {
    BALANCER: ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArns"),
    TARGETS: ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArns"),
    CLASSIC: ("elb", "describe_load_balancers", "LoadBalancerDescriptions", "LoadBalancerNames"),
    "elasticloadbalancing:listener": ("elbv2", "describe_listeners", "Listeners", "ListenerArns"),
    "elasticloadbalancing:listener-rule": ("elbv2", "describe_rules", "Rules", "RuleArns"),
}
_NAMES = {BALANCER: "LoadBalancerName", TARGETS: "TargetGroupName", CLASSIC: "LoadBalancerName"}
_IDS = {BALANCER: "LoadBalancerArn", TARGETS: "TargetGroupArn", CLASSIC: "LoadBalancerName"}
KINDS = frozenset(_ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """One that exists. `dns` is empty for target groups."""

    thing: Thing
    name: str
    vpc: str
    dns: str


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether its own service describes it. Raises Unavailable."""
    service, operation, result, argument = _ROWS[thing.kind]
    return bool(present(clients.get(service, thing.region), operation, result, **{argument: [thing.id]}))


def listed(clients: Clients, region: str) -> list[Balancer]:
    """All load balancers and target groups of the region, with their tags. Raises Unavailable."""
    return [one for kind in (BALANCER, TARGETS, CLASSIC) for one in _listed(clients, region, kind)]


def owned(clients: Clients, region: str, owner: Owner, vpcs: Collection[str]) -> list[Thing]:
    """Those of an attempt by tag or name, and whatever stands in one of its VPCs. Raises Unavailable."""
    return [
        one.thing
        for one in listed(clients, region)
        if owner.owns(one.thing.tags, one.name) or (one.vpc and one.vpc in vpcs)
    ]


def _listed(clients: Clients, region: str, kind: str) -> Iterator[Balancer]:
    service, operation, result, _ = _ROWS[kind]
    client = clients.get(service, region)
    items = pages(client, operation, result)
    tags = _tags(client, service, [item[_IDS[kind]] for item in items])
    for item in items:
        name = item[_IDS[kind]]
        yield Balancer(
            thing=Thing(kind=kind, id=name, region=region, tags=tags.get(name, {})),
            name=item[_NAMES[kind]],
            vpc=item.get("VpcId") or item.get("VPCId") or "",
            dns=str(item.get("DNSName", "")).lower(),
        )


def _tags(client: Any, service: str, names: Sequence[str]) -> dict[str, dict[str, str]]:
    argument, key = ("ResourceArns", "ResourceArn") if service == "elbv2" else ("LoadBalancerNames", "LoadBalancerName")
    described = [
        item
        for start in range(0, len(names), AT_ONCE)
        for item in present(
            client, "describe_tags", "TagDescriptions", **{argument: list(names[start : start + AT_ONCE])}
        )
    ]
    return {item[key]: tag_map(item["Tags"]) for item in described}
