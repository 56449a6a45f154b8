"""ocpctl.v1.AdminService: what operators look at, and what they may do."""

import grpc
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1.admin_service_pb2_grpc import AdminServiceServicer
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import invariants, operations, orphans

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.principal import idempotency_key
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.scheduler_port import request_context
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import operators, records, views, wishes


class AdminServicer(AdminServiceServicer):
    """SELECTs behind the door; a change is asked of the scheduler."""

    def __init__(self, ports: Ports, engine: Database) -> None:
        self._ports = ports
        self._door = ports.door
        self._engine = engine

    def ListLocks(
        self, request: admin_pb.ListLocksRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListLocksResponse:
        """See the proto."""
        with self._door.enter(context, "ListLocks"), autocommit(self._engine) as tx:
            return admin_pb.ListLocksResponse(locks=map(operators.lock, operations.locks(tx)))

    def GetQueue(self, request: admin_pb.GetQueueRequest, context: grpc.ServicerContext) -> admin_pb.Queue:
        """See the proto."""
        with self._door.enter(context, "GetQueue"), autocommit(self._engine) as tx:
            return operators.queue(operations.queue(tx))

    def ListRunners(
        self, request: admin_pb.ListRunnersRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListRunnersResponse:
        """See the proto."""
        with self._door.enter(context, "ListRunners"), autocommit(self._engine) as tx:
            return admin_pb.ListRunnersResponse(runners=map(operators.runner, operations.runners(tx)))

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
            return admin_pb.ListOrphansResponse(orphans=map(records.orphan, page), next_page_token=more)

    def ListStatesWithoutOwner(
        self, request: admin_pb.ListStatesWithoutOwnerRequest, context: grpc.ServicerContext
    ) -> admin_pb.ListStatesWithoutOwnerResponse:
        """See the proto."""
        with self._door.enter(context, "ListStatesWithoutOwner"), autocommit(self._engine) as tx:
            states = map(operators.state_without_owner, invariants.breaches(tx))
            return admin_pb.ListStatesWithoutOwnerResponse(states=states)

    def RetryDestroy(
        self, request: admin_pb.RetryDestroyRequest, context: grpc.ServicerContext
    ) -> admin_pb.RetryDestroyResponse:
        """See the proto."""
        with self._door.enter(context, "RetryDestroy") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_context(caller, key, wishes.request_hash(request))
            answer = self._ports.scheduler.retry_destroy(
                request_pb.RetryDestroyRequest(context=asked, cluster_id=cluster.id)
            )
            answers.accepted(context, answer)
            return admin_pb.RetryDestroyResponse(
                cluster_id=answer.cluster_id, job_id=answer.job_id, status=views.cluster_status(answer.status)
            )
