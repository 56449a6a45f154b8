"""ocpctl.v1.AccessService: who may do what."""

import grpc
from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.v1 import access_service_pb2 as pb
from ocpctl.v1.access_service_pb2_grpc import AccessServiceServicer

from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.identity_client import IdentityClient
from ocpctl_api_gateway.reads.identity_reads import IdentityReads
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import commands, role_binding_messages


class RoleBindingServicer(AccessServiceServicer):
    """The contract calls a role binding RbacMapping."""

    def __init__(self, authentication: Authentication, reads: IdentityReads, identities: IdentityClient) -> None:
        self._authentication = authentication
        self._reads = reads
        self._identities = identities

    def ListRbacMappings(
        self, request: pb.ListRbacMappingsRequest, context: grpc.ServicerContext
    ) -> pb.ListRbacMappingsResponse:
        with self._authentication.authorize(context, "ListRbacMappings") as caller:
            page = self._reads.role_bindings(caller, request)
            mappings = map(role_binding_messages.role_binding, page.rows)
            return pb.ListRbacMappingsResponse(mappings=mappings, next_page_token=page.next_token)

    def CreateRbacMapping(self, request: pb.CreateRbacMappingRequest, context: grpc.ServicerContext) -> pb.RbacMapping:
        with self._authentication.authorize(context, "CreateRbacMapping") as caller:
            command_context = commands.command_context(caller, context, request)
            command = role_binding_messages.create_command(request, command_context)
            return _stored(context, self._identities.create_role_binding(command))

    def UpdateRbacMapping(self, request: pb.UpdateRbacMappingRequest, context: grpc.ServicerContext) -> pb.RbacMapping:
        with self._authentication.authorize(context, "UpdateRbacMapping") as caller:
            command_context = commands.command_context(caller, context, request)
            command = role_binding_messages.update_command(request, command_context)
            return _stored(context, self._identities.update_role_binding(command))

    def DeleteRbacMapping(
        self, request: pb.DeleteRbacMappingRequest, context: grpc.ServicerContext
    ) -> pb.DeleteRbacMappingResponse:
        with self._authentication.authorize(context, "DeleteRbacMapping") as caller:
            mapping_id = role_binding_messages.checked_id(request.mapping_id)
            command_context = commands.command_context(caller, context, request)
            command = identity_pb.DeleteMappingRequest(context=command_context, mapping_id=mapping_id)
            answers.done(context, replayed=self._identities.delete_role_binding(command).replayed)
            return pb.DeleteRbacMappingResponse(mapping_id=mapping_id)


def _stored(context: grpc.ServicerContext, answer: identity_pb.Mapping) -> pb.RbacMapping:
    answers.done(context, replayed=answer.replayed)
    return role_binding_messages.stored_role_binding(answer.document)
