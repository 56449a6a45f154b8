"""Keeps moto fast while thousands of clusters are created and destroyed.

- Terminated instances are removed after a while, as in AWS. Moto keeps them for ever and searches all of them.
- The tags of one resource are looked up by its id. Moto searches the tags of all resources that ever existed.
- Moto's folders are listed once, and the methods of its classes are collected once. Moto does both for every call.
"""

import threading
import time
from functools import cache
from typing import Any

from moto import backends
from moto.core import responses, utils
from moto.ec2.models import ec2_backends
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from ocpctl_local.moto.aws import ACCOUNT, REGION

FORGET_INTERVAL_SECONDS = 20.0  # AWS: about an hour

_search_all = TagBackend.describe_tags
_list_folders = backends.list_of_moto_modules


def install() -> None:
    """Changes moto for the rest of this process."""
    TagBackend.describe_tags = _describe_tags  # type: ignore[method-assign,assignment]
    backends.list_of_moto_modules = cache(lambda: frozenset(_list_folders()))
    responses.method_names_from_class = cache(utils.method_names_from_class)  # type: ignore[attr-defined]
    threading.Thread(target=_keep_forgetting, name="forgetting", daemon=True).start()


def _describe_tags(backend: TagBackend, filters: dict[str, list[str]] | None = None) -> list[dict[str, str]]:
    match filters:
        case {"resource-id": [str(one)], **others} if not others and "*" not in one:
            kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(one), "")
            tags = backend.tags.get(one, {}).items()
            return [{"resource_id": one, "key": key, "value": value, "resource_type": kind} for key, value in tags]
        case _:
            return _search_all(backend, filters)


def _keep_forgetting() -> None:
    backend = ec2_backends[ACCOUNT][REGION]
    known: set[str] = set()
    while True:
        time.sleep(FORGET_INTERVAL_SECONDS)
        known = forget(backend, known)


def forget(backend: Any, known: set[str]) -> set[str]:
    """Removes the reservations in `known` and their network interfaces; returns the ids of those that have ended."""
    for reservation_id in known:
        for instance in backend.reservations.pop(reservation_id).instances:
            for interface in instance.nics.values():
                backend.enis.pop(interface.id, None)
    return {one.id for one in backend.reservations.copy().values() if _has_ended(one)}


def _has_ended(reservation: Any) -> bool:
    """One that is being made has no instance yet: it has not ended."""
    states = {instance._state.name for instance in reservation.instances}
    return states == {"terminated"}
