"""The half of ocpctl.v1.ClusterService that changes clusters: each method translates and delegates."""

import grpc
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_common.errors import PolicyRefused
from ocpctl_common.profiles.extension import check_extension, longest_ttl
from ocpctl_common.profiles.policy import resolve
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import check_wish, cost_now, limits_now

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.principal import Principal, idempotency_key
from ocpctl_api_gateway.scheduler_port import request_context
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import views, wishes


class ClusterChanges:
    """What is wished goes to the scheduler, with what policy allows."""

    _ports: Ports

    def CreateCluster(
        self, request: pb.CreateClusterRequest, context: grpc.ServicerContext
    ) -> pb.CreateClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "CreateCluster") as caller:
            if request.validate_only:
                return self._validated(caller, request)
            asked = request_context(caller, idempotency_key(context), wishes.request_hash(request))
            try:
                spec = self._resolve(caller, request)
            except PolicyRefused:
                if first := self._first(asked):
                    return _created(context, first, wishes.first_spec(first))
                raise
            answer = self._ports.scheduler.create(wishes.internal_create(spec, asked))
            return _created(context, answer, wishes.first_spec(answer) if answer.replayed else spec)

    def _validated(self, caller: Principal, request: pb.CreateClusterRequest) -> pb.CreateClusterResponse:
        """What would be accepted now; nothing is stored, so it needs no key."""
        spec = self._resolve(caller, request)
        self._ports.scheduler.check_create(wishes.looked_at(spec))
        return pb.CreateClusterResponse(resolved=views.resolved(spec))

    def _resolve(self, caller: Principal, request: pb.CreateClusterRequest) -> ResolvedSpec:
        """Policy's word. Raises InvalidRequest, NotPermitted (before policy is told), PolicyRefused."""
        try:
            spec = resolve(wishes.create_request(request), self._ports.catalogue)
        except PolicyRefused:
            rbac.check_team(caller, request.team)
            raise
        rbac.check_team(caller, spec.team)
        return spec

    def _first(self, asked: request_pb.RequestContext) -> request_pb.AcceptedResponse | None:
        """The answer to a repeated create, which today's policy does not measure."""
        found = self._ports.reader.accepted_create(wishes.create_key(asked))
        return wishes.accepted_before(found) if found else None

    def DestroyCluster(
        self, request: pb.DestroyClusterRequest, context: grpc.ServicerContext
    ) -> pb.DestroyClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "DestroyCluster") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_context(caller, key, wishes.request_hash(request))
            answer = self._ports.scheduler.destroy(
                request_pb.DestroyClusterRequest(context=asked, cluster_id=cluster.id)
            )
            answers.accepted(context, answer)
            return pb.DestroyClusterResponse(
                cluster_id=answer.cluster_id, job_id=answer.job_id, status=views.cluster_status(answer.status)
            )

    def CancelCreate(self, request: pb.CancelCreateRequest, context: grpc.ServicerContext) -> pb.CancelCreateResponse:
        """See the proto."""
        with self._ports.door.enter(context, "CancelCreate") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_context(caller, key, wishes.request_hash(request))
            answer = self._ports.scheduler.cancel(request_pb.CancelCreateRequest(context=asked, cluster_id=cluster.id))
            answers.accepted(context, answer)
            return pb.CancelCreateResponse(
                cluster_id=answer.cluster_id, job_id=answer.job_id, status=views.cluster_status(answer.status)
            )

    def ScaleWorkers(self, request: pb.ScaleWorkersRequest, context: grpc.ServicerContext) -> pb.ScaleWorkersResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ScaleWorkers") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            wished = check_wish(request.worker_replicas if request.HasField("worker_replicas") else None)
            catalogue = self._ports.catalogue
            asked = request_pb.ScaleWorkersRequest(
                context=request_context(caller, key, wishes.request_hash(request)),
                cluster_id=cluster.id,
                worker_replicas=wished,
                limits=wishes.worker_limits(limits_now(catalogue, cluster.spec.profile)),
                hourly_cost_micros=cost_now(catalogue, cluster.spec.profile, wished),
            )
            answer = self._ports.scheduler.scale(asked)
            answers.accepted(context, answer)
            return pb.ScaleWorkersResponse(
                cluster_id=answer.cluster_id, job_id=answer.job_id, status=views.cluster_status(answer.status)
            )

    def ExtendCluster(
        self, request: pb.ExtendClusterRequest, context: grpc.ServicerContext
    ) -> pb.ExtendClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ExtendCluster") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_pb.ExtendClusterRequest(
                context=request_context(caller, key, wishes.request_hash(request)),
                cluster_id=cluster.id,
                hours=check_extension(request.hours),
                max_ttl_hours=longest_ttl(self._ports.catalogue, cluster.spec.profile),
            )
            answer = self._ports.scheduler.extend(asked)
            answers.done(context, replayed=answer.replayed)
            return views.extended(cluster.id, answer)


def _created(
    context: grpc.ServicerContext, answer: request_pb.AcceptedResponse, spec: ResolvedSpec
) -> pb.CreateClusterResponse:
    answers.accepted(context, answer)
    return pb.CreateClusterResponse(
        cluster_id=answer.cluster_id,
        job_id=answer.job_id,
        status=views.cluster_status(answer.status),
        resolved=views.resolved(spec),
    )
