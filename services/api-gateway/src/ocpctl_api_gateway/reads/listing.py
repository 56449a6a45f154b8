"""List requests as filters of rows that the caller may see."""

from ocpctl.v1 import audit_service_pb2 as audit_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.store.queries.audit import AuditFilter
from ocpctl_common.store.queries.lists import CLUSTER_COLUMNS, ClusterFilter, JobFilter

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import paging, spans
from ocpctl_api_gateway.reads.paging import Position


def clusters(
    caller: Principal, request: cluster_pb.ListClustersRequest, after: Position | None
) -> ClusterFilter | None:
    """None when the caller sees none of the teams that the request names."""
    own = rbac.teams(caller)
    teams = sorted(own & set(request.team) if request.team else own) if own is not None else list(request.team)
    if own is not None and not teams:
        return None
    return ClusterFilter(
        teams=teams,
        statuses=[types_pb2.ClusterStatus.Value.Name(value) for value in request.status],
        chosen={column: list(getattr(request, column)) for column in CLUSTER_COLUMNS},
        name=request.name,
        after=after,
    )


def jobs(caller: Principal, request: job_pb.ListJobsRequest, after: Position | None) -> JobFilter:
    """Jobs of clusters of the caller's teams."""
    return JobFilter(
        teams=sorted(rbac.teams(caller) or ()),
        statuses=[types_pb2.JobStatus.Value.Name(value) for value in request.status],
        types=[types_pb2.JobType.Value.Name(value) for value in request.type],
        clusters=list(request.cluster_id),
        after=paging.row_id(after),
    )


def audit_events(request: audit_pb.ListAuditEventsRequest | audit_pb.ExportAuditRequest) -> AuditFilter:
    """Raises InvalidRequest for a wrong span of time."""
    begin, end = spans.moment("from", request.from_time), spans.moment("to", request.to_time)
    spans.ordered(begin, end)
    return AuditFilter(
        cluster_id=request.cluster_id,
        actor=request.actor,
        action=request.action,
        outcome=audit_pb.AuditOutcome.Value.Name(request.outcome) if request.outcome else "",
        correlation_id=request.correlation_id,
        begin=begin,
        end=end,
    )


def after_sequence(request: audit_pb.ExportAuditRequest) -> int:
    """Where an export begins. Raises InvalidRequest."""
    if request.after_sequence < 0:
        problem = FieldProblem(field="afterSequence", description="must not be negative", reason="OUT_OF_RANGE")
        raise InvalidRequest("afterSequence must not be negative", problems=[problem])
    return request.after_sequence
