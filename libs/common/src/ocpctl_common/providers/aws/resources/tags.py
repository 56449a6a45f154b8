"""Candidates by tag: of all types from the tagging API, and of EC2's from its own list, which knows more and sooner."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ocpctl_common.providers.aws.resources.clients import Clients, pages
from ocpctl_common.providers.aws.resources.thing import from_arn, kind_of, tag_map
from ocpctl_common.providers.cloud import Thing


def tagged(clients: Clients, region: str, pairs: Iterable[tuple[str, str]]) -> list[Thing]:
    """What the tagging API lists under any of these tags, for a while also after its death. Raises Unavailable."""
    client = clients.get("resourcegroupstaggingapi", region)
    found: dict[str, Thing] = {}
    for key, value in pairs:
        wanted = [{"Key": key, "Values": [value]}]
        for item in pages(client, "get_resources", "ResourceTagMappingList", TagFilters=wanted):
            found[item["ResourceARN"]] = from_arn(item["ResourceARN"], region, tag_map(item["Tags"]))
    return list(found.values())


def keys(clients: Clients, region: str) -> list[str]:
    """Every key that something in the region is tagged with. Raises Unavailable."""
    return [str(key) for key in pages(clients.get("resourcegroupstaggingapi", region), "get_tag_keys", "TagKeys")]


def ec2_tagged(clients: Clients, region: str, patterns: Sequence[str]) -> list[Thing]:
    """EC2's things with tags whose keys match (`*` stands for anything), with those tags. Raises Unavailable."""
    wanted = [{"Name": "key", "Values": list(patterns)}]
    tags: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for item in pages(clients.get("ec2", region), "describe_tags", "Tags", Filters=wanted):
        tags[kind_of("ec2", item["ResourceType"]), item["ResourceId"]][item["Key"]] = item["Value"]
    return [Thing(kind=kind, id=name, region=region, tags=known) for (kind, name), known in tags.items()]
