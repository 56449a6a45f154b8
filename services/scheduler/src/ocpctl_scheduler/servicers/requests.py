"""The scheduler's RequestService: each method translates and delegates."""

from collections.abc import Callable
from dataclasses import asdict

import grpc
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceServicer
from ocpctl_common.store.engine import Database

from ocpctl_scheduler import creating, destroying, extending, keeping_alive, recording, scaling
from ocpctl_scheduler.creating import Creates
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import requests

Context = grpc.ServicerContext


class RequestServicer(RequestServiceServicer):
    """Creates, destroys, cancels, scalings, extensions, keepalives, and audit events of the gateway."""

    def __init__(self, engine: Database, rules: LeaseRules, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._rules = rules
        self._wake = wake
        self._creates = Creates.on(engine, creates_per_hour=rules.creates_per_hour)

    def CreateCluster(self, request: request_pb.CreateClusterRequest, context: Context) -> request_pb.AcceptedResponse:
        answer = self._creates.accept(requests.new_cluster(request))
        self._wake()
        return requests.accepted(answer)

    def CheckCreate(self, request: request_pb.CheckCreateRequest, context: Context) -> request_pb.CheckCreateResponse:
        creating.check_create(self._engine, requests.resolved(request), creates_per_hour=self._rules.creates_per_hour)
        return request_pb.CheckCreateResponse()

    def DestroyCluster(
        self, request: request_pb.DestroyClusterRequest, context: Context
    ) -> request_pb.AcceptedResponse:
        key = requests.request_key(request.context, "DestroyCluster")
        answer = destroying.accept_destroy(self._engine, key, requests.destroy_command(request))
        self._wake()
        return requests.accepted(answer)

    def CancelCreate(self, request: request_pb.CancelCreateRequest, context: Context) -> request_pb.AcceptedResponse:
        key = requests.request_key(request.context, "CancelCreate")
        answer = destroying.accept_cancel(self._engine, key, requests.destroy_command(request))
        self._wake()
        return requests.accepted(answer)

    def RetryDestroy(self, request: request_pb.RetryDestroyRequest, context: Context) -> request_pb.AcceptedResponse:
        key = requests.request_key(request.context, "RetryDestroy")
        answer = destroying.accept_retry(self._engine, key, requests.destroy_command(request))
        self._wake()
        return requests.accepted(answer)

    def ScaleWorkers(self, request: request_pb.ScaleWorkersRequest, context: Context) -> request_pb.AcceptedResponse:
        key = requests.request_key(request.context, "ScaleWorkers")
        answer = scaling.accept_scale(self._engine, key, requests.scale_command(request))
        self._wake()
        return requests.accepted(answer)

    def ExtendCluster(
        self, request: request_pb.ExtendClusterRequest, context: Context
    ) -> request_pb.ExtendClusterResponse:
        key = requests.request_key(request.context, "ExtendCluster")
        answer = extending.extend(self._engine, key, requests.extension(request))
        return request_pb.ExtendClusterResponse(**asdict(answer))

    def KeepClusterAlive(
        self, request: request_pb.KeepClusterAliveRequest, context: Context
    ) -> request_pb.KeepClusterAliveResponse:
        answer = keeping_alive.keep_alive(self._engine, requests.wanted_cluster(request))
        return request_pb.KeepClusterAliveResponse(**asdict(answer))

    def RecordAudit(self, request: request_pb.RecordAuditRequest, context: Context) -> request_pb.RecordAuditResponse:
        recording.record_audit(self._engine, requests.audit_event(request))
        return request_pb.RecordAuditResponse()
