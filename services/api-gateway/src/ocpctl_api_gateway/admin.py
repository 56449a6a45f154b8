"""ocpctl.v1.AdminService: what operators look at."""

import grpc
from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1.admin_service_pb2_grpc import AdminServiceServicer
from ocpctl_common.store import operator_views, orphans
from ocpctl_common.store.engine import Database, autocommit

from ocpctl_api_gateway import paging, translate, translate_records
from ocpctl_api_gateway.door import Door


class AdminServicer(AdminServiceServicer):
    """SELECTs behind the door."""

    def __init__(self, door: Door, engine: Database) -> None:
        self._door = door
        self._engine = engine

    def ListLocks(
        self, request: admin_pb.ListLocksRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListLocksResponse:
        """See the proto."""
        with self._door.enter(context, "ListLocks"), autocommit(self._engine) as tx:
            return admin_pb.ListLocksResponse(locks=map(translate.lock, operator_views.locks(tx)))

    def GetQueue(self, request: admin_pb.GetQueueRequest, context: grpc.ServicerContext) -> admin_pb.Queue:
        """See the proto."""
        with self._door.enter(context, "GetQueue"), autocommit(self._engine) as tx:
            return translate.queue(operator_views.queue(tx))

    def ListRunners(
        self, request: admin_pb.ListRunnersRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListRunnersResponse:
        """See the proto."""
        with self._door.enter(context, "ListRunners"), autocommit(self._engine) as tx:
            return admin_pb.ListRunnersResponse(runners=map(translate.runner, operator_views.runners(tx)))

    def ListOrphans(
        self, request: admin_pb.ListOrphansRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListOrphansResponse:
        """See the proto."""
        with self._door.enter(context, "ListOrphans") as caller, autocommit(self._engine) as tx:
            most = paging.size(request.page_size)
            binding = paging.binding(caller.arn, request)
            before = paging.number(paging.decode(request.page_token, binding))
            found = orphans.page(tx, include_resolved=request.include_resolved, before=before, most=most + 1)
            page, more = paging.cut(found, most, binding)
            return admin_pb.ListOrphansResponse(orphans=map(translate_records.orphan, page), next_page_token=more)
