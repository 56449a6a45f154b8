"""AWS clients by service and region, and the two ways to read a list: whole, and 'not found' as empty."""

import threading
from typing import Any

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors
from ocpctl_common.errors import CloudRefused

GLOBAL_REGION = "us-east-1"  # where services without a region answer and are tagged


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

    def serves(self, service: str, region: str) -> bool:
        """Whether a service without regions is there in the partition of a region."""
        partition = self.partition(region)
        return bool(self._session.get_available_regions(service, partition, allow_non_regional=True))

    def partition(self, region: str) -> str:
        """What ARNs of a region begin with: aws, aws-cn, aws-us-gov."""
        return str(self._session.get_partition_for_region(region))


def pages(client: Any, operation: str, result: str, **arguments: Any) -> list[Any]:
    """All items of a list, over all its pages where the call has pages. Raises Unavailable."""
    with aws_errors(f"AWS ({operation})"):
        if not client.can_paginate(operation):
            return list(getattr(client, operation)(**arguments).get(result, []))
        found = client.get_paginator(operation).paginate(**arguments)
        return [item for page in found for item in page.get(result, [])]


def present(client: Any, operation: str, result: str, **arguments: Any) -> list[Any]:
    """The same of things that are asked for by id; those that do not exist are no error. Raises Unavailable."""
    try:
        return pages(client, operation, result, **arguments)
    except CloudRefused as error:
        if is_not_found(error):
            return []
        raise


def do_if_found(client: Any, operation: str, **arguments: Any) -> Any | None:
    """The answer of a call about one thing; None: it does not exist. Raises Unavailable, CloudRefused."""
    try:
        with aws_errors(f"AWS ({operation})"):
            return getattr(client, operation)(**arguments)
    except CloudRefused as error:
        if is_not_found(error):
            return None
        raise


def is_not_found(error: CloudRefused) -> bool:
    """Every service has words of its own for it. A refusal is not one of them: what is not seen is not gone."""
    return (
        "NotFound" in error.code
        or error.code.startswith("NoSuch")
        or error.code in ("404", "InvalidPlacementGroup.Unknown")
    )
