"""Deletes what gives a cluster its credentials: roles, identity provider, and the discovery documents.

`destroy cluster` knows nothing of them. The credentials tool's own delete logs its errors and ends with 0, leaves what
nobody has tagged yet, and stops at a role of others that vanishes meanwhile (docs/decisions/0018).
"""

from collections.abc import Callable, Iterator, Sequence

import structlog

from ocpctl_common.errors import CloudRefused
from ocpctl_common.providers.aws.resources import cloudfront, iam, storage
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, do_if_found, present
from ocpctl_common.providers.aws.resources.thing import Owner, owner_of
from ocpctl_common.providers.aws.teardown import discovery
from ocpctl_common.providers.cloud import Scope, Thing

log = structlog.get_logger()


def delete(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    """What is gone already is no error. `check` is called before every step.

    What is refused prevents no other deletion. Raises Unavailable at once, CloudRefused at the end.
    """
    owner = owner_of(scope)
    order = list(_DELETES)
    refused = list[tuple[Thing, CloudRefused]]()
    for thing in sorted(_found(clients, owner, scope.region), key=lambda one: order.index(one.kind)):
        check()
        try:
            _DELETES[thing.kind](clients, thing, check)
        except CloudRefused as error:
            refused.append((thing, error))
        else:
            log.info("cluster credential deleted", kind=thing.kind, name=thing.id, infra_id=scope.infra_id)
    if refused:
        raise _all_of(refused)


def _all_of(refused: Sequence[tuple[Thing, CloudRefused]]) -> CloudRefused:
    """One refusal that names each thing."""
    first = refused[0][1]
    code = "; ".join(f"{error.code} for {thing.kind} {thing.id}" for thing, error in refused)
    details = "; ".join(str(error) for _, error in refused)
    return CloudRefused(
        first.cloud, operation=first.operation, code=code, not_permitted=first.not_permitted, details=details
    )


def _found(clients: Clients, owner: Owner, region: str) -> Iterator[Thing]:
    shown = cloudfront.owned(clients, region, owner)
    issuers = cloudfront.issuers(clients, shown)
    yield from (one for one in iam.owned(clients, owner, issuers) if _is_credential(owner, one))
    yield from shown
    yield from (one for one in storage.owned(clients, region, owner) if _is_documents(owner, one))


def _is_credential(owner: Owner, thing: Thing) -> bool:
    """What has no tags at all was found by its name: its maker died before it could tag it. Tags that do not name the
    cluster are somebody else's: that is not deleted, and verification names it.
    """
    return thing.kind in _DELETES and (owner.credentials_tag in thing.tags or not thing.tags)


def _is_documents(owner: Owner, bucket: Thing) -> bool:
    return bucket.id == storage.discovery_bucket(owner) and _is_credential(owner, bucket)


def _role(clients: Clients, role: Thing, check: Callable[[], None]) -> None:
    client = clients.get("iam", GLOBAL_REGION)
    for name in present(client, "list_role_policies", "PolicyNames", RoleName=role.id):
        do_if_found(client, "delete_role_policy", RoleName=role.id, PolicyName=name)
    for policy in present(client, "list_attached_role_policies", "AttachedPolicies", RoleName=role.id):
        do_if_found(client, "detach_role_policy", RoleName=role.id, PolicyArn=policy["PolicyArn"])
    check()
    do_if_found(client, "delete_role", RoleName=role.id)


def _provider(clients: Clients, provider: Thing, _: Callable[[], None]) -> None:
    client = clients.get("iam", GLOBAL_REGION)
    do_if_found(client, "delete_open_id_connect_provider", OpenIDConnectProviderArn=provider.id)


# In this order: an identity provider without a tag is known by the host of its distribution.
_DELETES = {
    "iam:role": _role,
    "iam:oidc-provider": _provider,
    cloudfront.DISTRIBUTION: discovery.delete_distribution,
    cloudfront.IDENTITY: discovery.delete_identity,
    "s3:bucket": discovery.delete_bucket,
}
