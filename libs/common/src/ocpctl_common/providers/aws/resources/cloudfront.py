"""CloudFront: where the discovery bucket of a cluster is private, its distribution and the identity that reads it.

Both carry the credentials tag as their comment: the identity takes no tags. There is one endpoint for all regions of
AWS, and none in GovCloud, where nothing is asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, do_if_found
from ocpctl_common.providers.aws.resources.thing import CREDENTIALS, OWNED, Owner
from ocpctl_common.providers.cloud import Thing

SERVICE = "cloudfront"
DISTRIBUTION, IDENTITY = "cloudfront:distribution", "cloudfront:origin-access-identity"
_LISTS = {
    DISTRIBUTION: ("list_distributions", "DistributionList"),
    IDENTITY: ("list_cloud_front_origin_access_identities", "CloudFrontOriginAccessIdentityList"),
}
_GETS = {DISTRIBUTION: "get_distribution", IDENTITY: "get_cloud_front_origin_access_identity"}
KINDS = frozenset(_GETS)


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether CloudFront has it. Raises Unavailable."""
    return get(clients, thing) is not None


def get(clients: Clients, thing: Thing) -> Mapping[str, Any] | None:
    """The answer about one of KINDS; None: there is none. Raises Unavailable."""
    return do_if_found(clients.get(SERVICE, GLOBAL_REGION), _GETS[thing.kind], Id=thing.id)


def owned(clients: Clients, region: str, owner: Owner) -> list[Thing]:
    """An attempt's. Raises Unavailable."""
    return [one for one in listed(clients, region) if owner.marks(one.tags)]


def issuers(clients: Clients, things: Iterable[Thing]) -> list[str]:
    """ARNs of the identity providers whose documents these distributions show. Raises Unavailable."""
    answers = [get(clients, one) for one in things if one.kind == DISTRIBUTION]
    found = [answer["Distribution"] for answer in answers if answer]
    return [f"{_account(one['ARN'])}:oidc-provider/{one['DomainName']}" for one in found]


def _account(arn: str) -> str:
    """What ARNs of IAM in the same account begin with."""
    _, partition, _, region, account, _ = arn.split(":", 5)
    return f"arn:{partition}:iam:{region}:{account}"


def listed(clients: Clients, region: str) -> list[Thing]:
    """All that a credentials tool has made for clusters, in the partition of this region. Raises Unavailable."""
    found = [(kind, item) for kind in sorted(KINDS) for item in _items(clients, region, kind)]
    return [
        Thing(kind=kind, id=item["Id"], region=GLOBAL_REGION, tags=tags, arn=item.get("ARN", ""))
        for kind, item in found
        if (tags := _marks(item))
    ]


def identity_arn(clients: Clients, account: str, identity: Thing) -> str:
    """CloudFront lists an identity without it."""
    partition = clients.partition(identity.region)
    return f"arn:{partition}:cloudfront::{account}:origin-access-identity/{identity.id}"


def _items(clients: Clients, region: str, kind: str) -> Iterator[Any]:
    """Over all pages."""
    if not clients.serves(SERVICE, region):
        return
    operation, result = _LISTS[kind]
    with aws_errors(f"AWS ({operation})"):
        for page in clients.get(SERVICE, GLOBAL_REGION).get_paginator(operation).paginate():
            yield from page[result].get("Items", [])


def _marks(item: Mapping[str, Any]) -> dict[str, str]:
    comment = item["Comment"]
    return {comment: OWNED} if comment.startswith(CREDENTIALS) else {}
