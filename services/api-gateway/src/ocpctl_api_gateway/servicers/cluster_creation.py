"""Creates: what policy makes of a request, and the answer to a repeated request."""

from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_common.errors import PolicyRefused
from ocpctl_common.profiles.catalogue import Catalogue
from ocpctl_common.profiles.policy import resolve
from ocpctl_common.profiles.spec import ResolvedSpec

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads.cluster_reads import ClusterReads
from ocpctl_api_gateway.scheduler_client import SchedulerClient
from ocpctl_api_gateway.translation import commands


class ClusterCreation:
    """Raises InvalidRequest, NotPermitted, PolicyRefused, and the errors of the scheduler."""

    def __init__(self, clusters: ClusterReads, scheduler: SchedulerClient, catalogue: Catalogue) -> None:
        self._clusters = clusters
        self._scheduler = scheduler
        self._catalogue = catalogue

    def validate(self, caller: Principal, request: pb.CreateClusterRequest) -> ResolvedSpec:
        """What a create would accept now. Stores nothing, so it needs no idempotency key."""
        spec = self._resolve(caller, request)
        self._scheduler.check_create(request_pb.CheckCreateRequest(spec_json=spec.to_json()))
        return spec

    def create(
        self, caller: Principal, request: pb.CreateClusterRequest, context: request_pb.RequestContext
    ) -> tuple[request_pb.AcceptedResponse, ResolvedSpec]:
        """A repeated create gets its first answer, also when policy has changed since."""
        try:
            spec = self._resolve(caller, request)
        except PolicyRefused:
            first = self._clusters.accepted_create(commands.create_key(context))
            if first is None:
                raise
            answer = commands.replayed_create(first)
            return answer, commands.accepted_spec(answer)
        answer = self._scheduler.create(commands.create_command(spec, context, request.keepalive_seconds))
        return answer, commands.accepted_spec(answer) if answer.replayed else spec

    def _resolve(self, caller: Principal, request: pb.CreateClusterRequest) -> ResolvedSpec:
        """Checks the team first: callers do not learn the policy for other teams."""
        try:
            spec = resolve(commands.create_request(request), self._catalogue)
        except PolicyRefused:
            rbac.check_team(caller, request.team)
            raise
        rbac.check_team(caller, spec.team)
        return spec
