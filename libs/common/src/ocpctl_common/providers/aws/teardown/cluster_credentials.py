"""Deletes what gives a cluster its credentials: roles, identity provider, and the bucket with its discovery documents.

`destroy cluster` knows nothing of them. The credentials tool's own delete logs its errors and ends with 0, leaves what
nobody has tagged yet, and stops at a role of others that vanishes meanwhile (docs/decisions/0018).
"""

from collections.abc import Callable
from typing import Any

import structlog

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import CloudRefused
from ocpctl_common.providers.aws.resources import iam, storage
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, is_not_found, present
from ocpctl_common.providers.aws.resources.thing import Owner, infra_id_of, owner_of
from ocpctl_common.providers.cloud import Scope, Thing

DISCOVERY = "-oidc"  # the end of the bucket's name

log = structlog.get_logger()


def delete(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    """What is gone already is no error. `check` is called before every step. Raises Unavailable, CloudRefused."""
    owner = owner_of(scope)
    of_iam = [one for one in iam.owned(clients, owner) if _is_credential(owner, one)]
    buckets = [one for one in storage.owned(clients, scope.region, owner) if one.id == f"{owner.infra_id}{DISCOVERY}"]
    for thing in (*of_iam, *buckets):
        check()
        _DELETES[thing.kind](clients, thing, check)
        log.info("cluster credential deleted", kind=thing.kind, name=thing.id, infra_id=scope.infra_id)


def _is_credential(owner: Owner, thing: Thing) -> bool:
    """What has no tags of any cluster was found by its name: its maker died before it could tag it."""
    return thing.kind in _DELETES and (owner.credentials_tag in thing.tags or not infra_id_of(thing.tags))


def _role(clients: Clients, role: Thing, check: Callable[[], None]) -> None:
    client = clients.get("iam", GLOBAL_REGION)
    for name in present(client, "list_role_policies", "PolicyNames", RoleName=role.id):
        _call(client, "delete_role_policy", RoleName=role.id, PolicyName=name)
    for policy in present(client, "list_attached_role_policies", "AttachedPolicies", RoleName=role.id):
        _call(client, "detach_role_policy", RoleName=role.id, PolicyArn=policy["PolicyArn"])
    check()
    _call(client, "delete_role", RoleName=role.id)


def _provider(clients: Clients, provider: Thing, _: Callable[[], None]) -> None:
    client = clients.get("iam", GLOBAL_REGION)
    _call(client, "delete_open_id_connect_provider", OpenIDConnectProviderArn=provider.id)


def _bucket(clients: Clients, bucket: Thing, check: Callable[[], None]) -> None:
    """Whatever lies in it goes with it, with all its versions."""
    client = clients.get("s3", bucket.region)
    for listed in ("Versions", "DeleteMarkers"):
        for item in present(client, "list_object_versions", listed, Bucket=bucket.id):
            check()
            _call(client, "delete_object", Bucket=bucket.id, Key=item["Key"], VersionId=item["VersionId"])
    _call(client, "delete_bucket", Bucket=bucket.id)


_DELETES = {"iam:role": _role, "iam:oidc-provider": _provider, "s3:bucket": _bucket}


def _call(client: Any, operation: str, **arguments: str) -> None:
    try:
        with aws_errors(f"AWS ({operation})"):
            getattr(client, operation)(**arguments)
    except CloudRefused as error:
        if not is_not_found(error):
            raise
