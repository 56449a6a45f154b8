"""S3 buckets and file systems."""

from typing import Any

from ocpctl_common.providers.aws.resources.clients import Clients, do_if_found, pages, present
from ocpctl_common.providers.aws.resources.thing import Owner, tag_map
from ocpctl_common.providers.cloud import Thing

BOOTSTRAP = "openshift-bootstrap-data-"  # and the infra id: the ignition of the bootstrap machine
_FILES = {
    "efs:file-system": ("describe_file_systems", "FileSystems", "FileSystemId"),
    "efs:access-point": ("describe_access_points", "AccessPoints", "AccessPointId"),
}
KINDS = frozenset({"s3:bucket", *_FILES})


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether it answers to its name. Raises Unavailable."""
    if thing.kind in _FILES:
        operation, result, argument = _FILES[thing.kind]
        found = present(clients.get("efs", thing.region), operation, result, **{argument: thing.id})
        return any(item.get("LifeCycleState") != "deleted" for item in found)
    return do_if_found(clients.get("s3", thing.region), "head_bucket", Bucket=thing.id) is not None


def owned(clients: Clients, region: str, owner: Owner) -> list[Thing]:
    """Buckets that are an attempt's by name, unless their tags name another. Raises Unavailable."""
    client = clients.get("s3", region)
    bootstrap = f"{BOOTSTRAP}{owner.infra_id}"
    names = [item["Name"] for item in pages(client, "list_buckets", "Buckets")]
    named = [name for name in names if name == bootstrap or name.startswith(f"{owner.infra_id}-")]
    found = [Thing(kind="s3:bucket", id=name, region=region, tags=_tags(client, name)) for name in named]
    return [one for one in found if owner.owns(one.tags, one.id.removeprefix(BOOTSTRAP) + "-")]


def untagged(clients: Clients, region: str, owner: Owner) -> list[Thing]:
    """Buckets of an attempt by name that nobody has tagged, but for its discovery documents. Raises Unavailable."""
    found = owned(clients, region, owner)
    return [one for one in found if not one.tags and one.id != discovery_bucket(owner)]


def discovery_bucket(owner: Owner) -> str:
    """Its name, where the cluster's credentials were made for it: with its objects' versions we delete it ourselves."""
    return f"{owner.infra_id}-oidc"


def _tags(client: Any, name: str) -> dict[str, str]:
    """Of a bucket: none is a refusal of its own."""
    return tag_map(present(client, "get_bucket_tagging", "TagSet", Bucket=name))
