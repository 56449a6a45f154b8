"""Keeps moto quick while thousands of clusters come and go.

Terminated instances vanish after a while, as they do in AWS; moto would keep them, and search them all, for ever. The
tags of a resource are looked up; moto would search those of all resources that ever were, for each one that it shows.
Moto's own folders are listed, and the methods of its classes collected, once instead of for every call.
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

from ocpctl_local.aws import ACCOUNT, REGION

SECONDS = 20.0  # AWS: about an hour

_search_all = TagBackend.describe_tags
_list_folders = backends.list_of_moto_modules


def begin() -> None:
    """Holds for as long as the process lives."""
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
        time.sleep(SECONDS)
        known = forget(backend, known)


def forget(backend: Any, known: set[str]) -> set[str]:
    """Forgets the reservations in `known`, with their network interfaces; returns those that are over."""
    for reservation_id in known:
        for instance in backend.reservations.pop(reservation_id).instances:
            for interface in instance.nics.values():
                backend.enis.pop(interface.id, None)
    remembered = backend.reservations.copy().values()
    return {one.id for one in remembered if all(instance._state.name == "terminated" for instance in one.instances)}
