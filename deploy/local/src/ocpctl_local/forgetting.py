"""Terminated instances vanish after a while, as they do in AWS; moto would keep them, and search them all, for ever."""

import threading
import time
from typing import Any

from moto.ec2.models import ec2_backends

from ocpctl_local.aws import ACCOUNT, REGION

SECONDS = 20.0  # AWS: about an hour


def start() -> None:
    """Forgets in a thread of its own for as long as the process lives."""
    threading.Thread(target=_keep_forgetting, name="forgetting", daemon=True).start()


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
