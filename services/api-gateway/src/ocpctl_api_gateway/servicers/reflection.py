"""gRPC reflection, for callers with a session."""

from collections.abc import Iterable, Iterator
from typing import Any

import grpc
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from ocpctl_api_gateway import principal
from ocpctl_api_gateway.contract import SERVICES
from ocpctl_api_gateway.streams import Streams


class Reflection:
    """Describes the contract. A call uses a thread for as long as its caller wants, so it counts as a stream."""

    def __init__(self, streams: Streams) -> None:
        self._library = reflection.ReflectionServicer([*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME])
        self._streams = streams

    def ServerReflectionInfo(self, request_iterator: Iterable[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """Raises NotAuthenticated, Unavailable."""
        claims = principal.claims(context)
        with self._streams.enter(context, claims.caller.arn, claims.session_id):
            yield from self._library.ServerReflectionInfo(request_iterator, context)
