"""ocpctl.v1.AdminService: what operators read, and the one change that only they may ask for."""

import grpc
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import admin_service_pb2 as pb
from ocpctl.v1.admin_service_pb2_grpc import AdminServiceServicer

from ocpctl_api_gateway.dependencies import Dependencies
from ocpctl_api_gateway.reads.operator_reads import OperatorReads
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import commands, operator_messages


class AdminServicer(AdminServiceServicer):
    """Every RPC needs a role for all teams."""

    def __init__(self, dependencies: Dependencies, reads: OperatorReads) -> None:
        self._authentication = dependencies.authentication
        self._clusters = dependencies.clusters
        self._scheduler = dependencies.scheduler
        self._reads = reads

    def ListLocks(self, request: pb.ListLocksRequest, context: grpc.ServicerContext) -> pb.ListLocksResponse:
        with self._authentication.authorize(context, "ListLocks"):
            return pb.ListLocksResponse(locks=map(operator_messages.lock, self._reads.locks()))

    def GetQueue(self, request: pb.GetQueueRequest, context: grpc.ServicerContext) -> pb.Queue:
        with self._authentication.authorize(context, "GetQueue"):
            return operator_messages.queue(self._reads.queue())

    def ListRunners(self, request: pb.ListRunnersRequest, context: grpc.ServicerContext) -> pb.ListRunnersResponse:
        with self._authentication.authorize(context, "ListRunners"):
            return pb.ListRunnersResponse(runners=map(operator_messages.runner, self._reads.runners()))

    def ListOrphans(self, request: pb.ListOrphansRequest, context: grpc.ServicerContext) -> pb.ListOrphansResponse:
        with self._authentication.authorize(context, "ListOrphans") as caller:
            page = self._reads.orphans(caller, request)
            orphans = map(operator_messages.orphan, page.rows)
            return pb.ListOrphansResponse(orphans=orphans, next_page_token=page.next_token)

    def ListStatesWithoutOwner(
        self, request: pb.ListStatesWithoutOwnerRequest, context: grpc.ServicerContext
    ) -> pb.ListStatesWithoutOwnerResponse:
        with self._authentication.authorize(context, "ListStatesWithoutOwner"):
            states = map(operator_messages.state_without_owner, self._reads.states_without_owner())
            return pb.ListStatesWithoutOwnerResponse(states=states)

    def RetryDestroy(self, request: pb.RetryDestroyRequest, context: grpc.ServicerContext) -> pb.RetryDestroyResponse:
        with self._authentication.authorize(context, "RetryDestroy") as caller:
            command = request_pb.RetryDestroyRequest(context=commands.command_context(caller, context, request))
            command.cluster_id = self._clusters.cluster(caller, request.cluster_id).id
            return answers.accepted(context, self._scheduler.retry_destroy(command), pb.RetryDestroyResponse)
