"""What the Resource Groups Tagging API knows: eventually consistent, blind to IAM roles and instance profiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from ocpctl_common.cloud.session import CONFIG, aws_errors

MARK = "kubernetes.io/cluster/"
OURS = "ocpctl:managed-by"
ATTEMPT = "ocpctl:attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A resource with what its tags say: whose it is, if they say it. `ours`: it carries the tag of ocpctl."""

    arn: str
    infra_id: str
    attempt_id: str
    ours: bool

    @property
    def kind(self) -> str:
        """`service:resource-type` of the ARN; a bucket's has no type."""
        _, _, service, _, _, resource = self.arn.split(":", 5)
        return f"{service}:{resource.partition('/')[0] if '/' in resource else ''}"


class TagSearch(Protocol):
    """The verbs of the cloud that the sweep uses. Both raise Unavailable."""

    def infra_ids(self, region: str) -> list[str]:
        """Every infrastructure id that something in the region is tagged with, whoever made it."""

    def resources(self, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        """Every resource of the region that carries our tag or that of one of these ids."""


class TaggingApi:
    """The search in the account of the session's credentials."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self._clients: dict[str, Any] = {}

    def infra_ids(self, region: str) -> list[str]:
        """See TagSearch."""
        keys = _pages(self._client(region), "get_tag_keys", "TagKeys")
        return [key.removeprefix(MARK) for key in keys if key.startswith(MARK)]

    def resources(self, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        """See TagSearch. What runs in a cluster makes resources without our tag, but with the cluster's."""
        marks = [{"Key": f"{MARK}{infra_id}", "Values": ["owned"]} for infra_id in infra_ids]
        found: dict[str, Tagged] = {}
        for wanted in ({"Key": OURS, "Values": ["ocpctl"]}, *marks):
            items = _pages(self._client(region), "get_resources", "ResourceTagMappingList", TagFilters=[wanted])
            found |= {item["ResourceARN"]: _tagged(item) for item in items}
        return list(found.values())

    def _client(self, region: str) -> Any:
        if region not in self._clients:
            self._clients[region] = self._session.client("resourcegroupstaggingapi", region_name=region, config=CONFIG)
        return self._clients[region]


def _pages(client: Any, operation: str, result: str, **arguments: Any) -> Iterable[Any]:
    with aws_errors(f"AWS ({operation})"):
        pages = client.get_paginator(operation).paginate(**arguments)
        return [item for page in pages for item in page.get(result, [])]


def _tagged(item: Mapping[str, Any]) -> Tagged:
    tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
    infra_ids = [key.removeprefix(MARK) for key, value in tags.items() if key.startswith(MARK) and value == "owned"]
    return Tagged(
        arn=item["ResourceARN"],
        infra_id=infra_ids[0] if infra_ids else "",
        attempt_id=tags.get(ATTEMPT, ""),
        ours=tags.get(OURS) == "ocpctl",
    )
