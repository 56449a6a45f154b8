"""Whose resources are looked for, and with which clients."""

import threading
from dataclasses import dataclass
from typing import Any

import boto3
from ocpctl_common.cloud.session import CONFIG, aws_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One infra id. `domain` is <name>.<base domain>."""

    infra_id: str
    region: str
    domain: str

    @property
    def tag(self) -> str:
        """The ownership tag."""
        return f"kubernetes.io/cluster/{self.infra_id}"

    @property
    def prefix(self) -> str:
        """What the names of untaggable resources begin with."""
        return f"{self.infra_id}-"


class Clients:
    """AWS clients by service and region, made when first used. Thread-safe, which a session is not."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        """The client of a service in a region."""
        key = (service, region)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._session.client(service, region_name=region, config=CONFIG)  # type: ignore[call-overload]
            return self._made[key]


def pages(client: Any, operation: str, result: str, **arguments: Any) -> list[Any]:
    """All items of a paginated call. Raises Unavailable."""
    with aws_errors(f"AWS ({operation})"):
        found = client.get_paginator(operation).paginate(**arguments)
        return [item for page in found for item in page.get(result, [])]
