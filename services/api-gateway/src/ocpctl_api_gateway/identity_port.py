"""The gateway's way to change sessions and mappings: asking the scheduler."""

from ocpctl.internal.v1 import identity_service_pb2 as pb
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl_common.rpc.client import call

from ocpctl_api_gateway.scheduler_port import SECONDS


class IdentityPort:
    """Errors come as the leaves that the scheduler raised. Everything is durable when it returns."""

    def __init__(self, stub: IdentityServiceStub) -> None:
        self._stub = stub

    def open_session(self, request: pb.OpenSessionRequest) -> pb.OpenSessionResponse:
        """Once for a nonce."""
        return call(self._stub.OpenSession, request, timeout=SECONDS)

    def extend_session(self, request: pb.ExtendSessionRequest) -> pb.OpenSessionResponse:
        """When it ends now."""
        return call(self._stub.ExtendSession, request, timeout=SECONDS)

    def revoke_session(self, request: pb.RevokeSessionRequest) -> pb.RevokeSessionResponse:
        """Every gateway knows within its next look."""
        return call(self._stub.RevokeSession, request, timeout=SECONDS)

    def create_mapping(self, request: pb.CreateMappingRequest) -> pb.Mapping:
        """A new one."""
        return call(self._stub.CreateMapping, request, timeout=SECONDS)

    def update_mapping(self, request: pb.UpdateMappingRequest) -> pb.Mapping:
        """As it is now."""
        return call(self._stub.UpdateMapping, request, timeout=SECONDS)

    def delete_mapping(self, request: pb.DeleteMappingRequest) -> pb.DeleteMappingResponse:
        """Gone."""
        return call(self._stub.DeleteMapping, request, timeout=SECONDS)
