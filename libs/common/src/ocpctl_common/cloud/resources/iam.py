"""IAM: roles, users and instance profiles, which no tag search lists for certain, and what else clusters have there."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from ocpctl_common.cloud.resources.clients import GLOBAL_REGION, Clients, is_not_found, pages, present
from ocpctl_common.cloud.resources.thing import Owner, Thing, tag_map
from ocpctl_common.cloud.session import aws_errors

# kind: list, its result, name, call that tells the tags, call that gets one, argument of both
_ROWS = {
    "iam:role": ("list_roles", "Roles", "RoleName", "list_role_tags", "get_role"),
    "iam:user": ("list_users", "Users", "UserName", "list_user_tags", "get_user"),
    "iam:instance-profile": (
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
        "list_instance_profile_tags",
        "get_instance_profile",
    ),
}
_BY_ARN = {
    "iam:oidc-provider": ("get_open_id_connect_provider", "OpenIDConnectProviderArn"),
    "iam:policy": ("get_policy", "PolicyArn"),
}
KINDS = frozenset({*_ROWS, *_BY_ARN})


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether IAM has it. Raises Unavailable."""
    operation, argument = _BY_ARN[thing.kind] if thing.kind in _BY_ARN else (_ROWS[thing.kind][4], _ROWS[thing.kind][2])
    with aws_errors(f"AWS ({operation})"):
        try:
            getattr(clients.get("iam", GLOBAL_REGION), operation)(**{argument: thing.id})
        except ClientError as error:
            if is_not_found(error):
                return False
            raise
    return True


def owned(clients: Clients, owner: Owner) -> list[Thing]:
    """An attempt's, also those whose names have room for 20 characters of its infra id only. Raises Unavailable."""
    named = listed(clients, lambda name: name.startswith(owner.cut))
    providers = [one for one in _providers(clients) if owner.infra_id in one.id or owner.marks(one.tags)]
    return [one for one in named if owner.owns(one.tags, one.id)] + providers


def listed(clients: Clients, wanted: Callable[[str], bool]) -> list[Thing]:
    """Roles, users and instance profiles whose names are wanted, with their tags. Raises Unavailable."""
    client = clients.get("iam", GLOBAL_REGION)
    return [
        Thing(
            kind=kind,
            id=item[name],
            region=GLOBAL_REGION,
            tags=tag_map(present(client, tags, "Tags", **{name: item[name]})),
            arn=item["Arn"],
        )
        for kind, (operation, result, name, tags, _) in _ROWS.items()
        for item in pages(client, operation, result)
        if wanted(item[name])
    ]


def _providers(clients: Clients) -> list[Thing]:
    """Those of the account with their tags: an account has 100 at most."""
    client = clients.get("iam", GLOBAL_REGION)
    arns = [item["Arn"] for item in pages(client, "list_open_id_connect_providers", "OpenIDConnectProviderList")]
    return [_provider(client, arn) for arn in arns]


def _provider(client: Any, arn: str) -> Thing:
    tags = present(client, "list_open_id_connect_provider_tags", "Tags", OpenIDConnectProviderArn=arn)
    return Thing(kind="iam:oidc-provider", id=arn, region=GLOBAL_REGION, tags=tag_map(tags), arn=arn)
