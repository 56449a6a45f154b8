"""IAM: roles, users and instance profiles, which no tag search lists for certain, and what else clusters have there."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, do_if_found, pages, present
from ocpctl_common.providers.aws.resources.thing import Owner, tag_map
from ocpctl_common.providers.cloud import Thing

# kind: list, its result, name, call that gets one with its tags (lists leave them out), its result
_ROWS = {
    "iam:role": ("list_roles", "Roles", "RoleName", "get_role", "Role"),
    "iam:user": ("list_users", "Users", "UserName", "get_user", "User"),
    "iam:instance-profile": (
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
        "get_instance_profile",
        "InstanceProfile",
    ),
}
_BY_ARN = {
    "iam:oidc-provider": ("get_open_id_connect_provider", "OpenIDConnectProviderArn"),
    "iam:policy": ("get_policy", "PolicyArn"),
}
KINDS = frozenset({*_ROWS, *_BY_ARN})


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether IAM has it. Raises Unavailable."""
    if thing.kind in _BY_ARN:
        operation, argument = _BY_ARN[thing.kind]
    else:
        _, _, argument, operation, _ = _ROWS[thing.kind]
    return do_if_found(clients.get("iam", GLOBAL_REGION), operation, **{argument: thing.id}) is not None


def owned(clients: Clients, owner: Owner, issuers: Sequence[str] = ()) -> list[Thing]:
    """An attempt's, also those whose names have room for 20 characters of its infra id only. Raises Unavailable.

    `issuers` are ARNs of identity providers that are its own, whatever their tags say and whether IAM lists them yet.
    """
    named = listed(clients, lambda name: name.startswith(owner.cut))
    trusted = [(one, one.id.rpartition("oidc-provider/")[2]) for one in providers(clients)]
    return [
        *(one for one in named if owner.owns(one.tags, one.id)),
        *(one for one, host in trusted if owner.owns(one.tags, host) and one.id not in issuers),
        *(one for arn in issuers if exists(clients, one := _provider(clients.get("iam", GLOBAL_REGION), arn))),
    ]


def listed(clients: Clients, wanted: Callable[[str], bool]) -> list[Thing]:
    """Roles, users and instance profiles whose names are wanted, with their tags. Raises Unavailable."""
    return [one for kind in _ROWS for one in _listed(clients.get("iam", GLOBAL_REGION), kind, wanted)]


def _listed(client: Any, kind: str, wanted: Callable[[str], bool]) -> Iterator[Thing]:
    operation, result, name, get, inner = _ROWS[kind]
    for item in pages(client, operation, result):
        if wanted(item[name]) and (answer := do_if_found(client, get, **{name: item[name]})):
            tags = tag_map(answer[inner].get("Tags"))
            yield Thing(kind=kind, id=item[name], region=GLOBAL_REGION, tags=tags, arn=item["Arn"])


def providers(clients: Clients) -> list[Thing]:
    """OpenID Connect providers of the account with their tags: it has 100 at most. Raises Unavailable."""
    client = clients.get("iam", GLOBAL_REGION)
    arns = [item["Arn"] for item in pages(client, "list_open_id_connect_providers", "OpenIDConnectProviderList")]
    return [_provider(client, arn) for arn in arns]


def _provider(client: Any, arn: str) -> Thing:
    tags = present(client, "list_open_id_connect_provider_tags", "Tags", OpenIDConnectProviderArn=arn)
    return Thing(kind="iam:oidc-provider", id=arn, region=GLOBAL_REGION, tags=tag_map(tags), arn=arn)
