"""Asks the scheduler for changes of sessions and role bindings."""

from ocpctl.internal.v1 import identity_service_pb2 as pb
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl_common.rpc.client import call

from ocpctl_api_gateway.scheduler_client import TIMEOUT_SECONDS


class IdentityClient:
    """Every change is durable when its method returns. Raises the same errors that the scheduler raised."""

    def __init__(self, stub: IdentityServiceStub) -> None:
        self._stub = stub

    def open_session(self, request: pb.OpenSessionRequest) -> pb.OpenSessionResponse:
        """Opens at most one session for a nonce."""
        return call(self._stub.OpenSession, request, timeout=TIMEOUT_SECONDS)

    def extend_session(self, request: pb.ExtendSessionRequest) -> pb.OpenSessionResponse:
        """The answer tells the new end."""
        return call(self._stub.ExtendSession, request, timeout=TIMEOUT_SECONDS)

    def revoke_session(self, request: pb.RevokeSessionRequest) -> pb.RevokeSessionResponse:
        """Every gateway refuses the session from its next cache refresh on."""
        return call(self._stub.RevokeSession, request, timeout=TIMEOUT_SECONDS)

    def create_role_binding(self, request: pb.CreateMappingRequest) -> pb.Mapping:
        return call(self._stub.CreateMapping, request, timeout=TIMEOUT_SECONDS)

    def update_role_binding(self, request: pb.UpdateMappingRequest) -> pb.Mapping:
        return call(self._stub.UpdateMapping, request, timeout=TIMEOUT_SECONDS)

    def delete_role_binding(self, request: pb.DeleteMappingRequest) -> pb.DeleteMappingResponse:
        return call(self._stub.DeleteMapping, request, timeout=TIMEOUT_SECONDS)
