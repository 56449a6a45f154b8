"""ocpctl.v1.AccessService: each method translates and delegates."""

import grpc
from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.v1 import access_service_pb2 as pb
from ocpctl.v1.access_service_pb2_grpc import AccessServiceServicer
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import mappings

from ocpctl_api_gateway.identity.door import Door
from ocpctl_api_gateway.identity_port import IdentityPort
from ocpctl_api_gateway.principal import idempotency_key
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.scheduler_port import request_context
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import access, wishes


class AccessServicer(AccessServiceServicer):
    """Who may do what."""

    def __init__(self, door: Door, engine: Database, scheduler: IdentityPort) -> None:
        self._door = door
        self._engine = engine
        self._scheduler = scheduler

    def ListRbacMappings(
        self, request: pb.ListRbacMappingsRequest, context: grpc.ServicerContext
    ) -> pb.ListRbacMappingsResponse:
        """See the proto."""
        with self._door.enter(context, "ListRbacMappings") as caller:
            most, binding = paging.size(request.page_size), paging.binding(caller.arn, request)
            before = paging.row_id(paging.decode(request.page_token, binding))
            with autocommit(self._engine) as tx:
                found = mappings.page(tx, before=before, most=most + 1)
            page, more = paging.cut(found, most, binding)
            return pb.ListRbacMappingsResponse(mappings=map(access.mapping, page), next_page_token=more)

    def CreateRbacMapping(self, request: pb.CreateRbacMappingRequest, context: grpc.ServicerContext) -> pb.RbacMapping:
        """See the proto."""
        with self._door.enter(context, "CreateRbacMapping") as caller:
            asked = request_context(caller, idempotency_key(context), wishes.request_hash(request))
            answer = self._scheduler.create_mapping(access.new_mapping(request, asked))
            return _told(context, answer)

    def UpdateRbacMapping(self, request: pb.UpdateRbacMappingRequest, context: grpc.ServicerContext) -> pb.RbacMapping:
        """See the proto."""
        with self._door.enter(context, "UpdateRbacMapping") as caller:
            asked = request_context(caller, idempotency_key(context), wishes.request_hash(request))
            answer = self._scheduler.update_mapping(access.mapping_change(request, asked))
            return _told(context, answer)

    def DeleteRbacMapping(
        self, request: pb.DeleteRbacMappingRequest, context: grpc.ServicerContext
    ) -> pb.DeleteRbacMappingResponse:
        """See the proto."""
        with self._door.enter(context, "DeleteRbacMapping") as caller:
            mapping_id = access.mapping_id(request.mapping_id)
            asked = request_context(caller, idempotency_key(context), wishes.request_hash(request))
            wish = identity_pb.DeleteMappingRequest(context=asked, mapping_id=mapping_id)
            answers.done(context, replayed=self._scheduler.delete_mapping(wish).replayed)
            return pb.DeleteRbacMappingResponse(mapping_id=mapping_id)


def _told(context: grpc.ServicerContext, answer: identity_pb.Mapping) -> pb.RbacMapping:
    answers.done(context, replayed=answer.replayed)
    return access.stored_mapping(answer.document)
