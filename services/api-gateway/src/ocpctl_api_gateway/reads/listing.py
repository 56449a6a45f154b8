"""Which rows a caller's list request means: the filters within what the caller may see."""

from datetime import datetime

from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.store.queries.lists import ClusterFilter, JobFilter

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import paging

Position = tuple[datetime, str] | None


def clusters(caller: Principal, request: cluster_pb.ListClustersRequest, after: Position) -> ClusterFilter | None:
    """The filter with the caller's limits; None when nothing can match."""
    own = rbac.teams(caller)
    teams = sorted(own & set(request.team) if request.team else own) if own is not None else list(request.team)
    if own is not None and not teams:
        return None
    return ClusterFilter(
        teams=teams,
        statuses=[types_pb2.ClusterStatus.Value.Name(value) for value in request.status],
        owners=list(request.owner),
        profiles=list(request.profile),
        platforms=list(request.platform),
        name=request.name,
        after=after,
    )


def jobs(caller: Principal, request: job_pb.ListJobsRequest, after: Position) -> JobFilter:
    """The filter with the caller's limits."""
    return JobFilter(
        teams=sorted(rbac.teams(caller) or ()),
        statuses=[types_pb2.JobStatus.Value.Name(value) for value in request.status],
        types=[types_pb2.JobType.Value.Name(value) for value in request.type],
        clusters=list(request.cluster_id),
        after=paging.row_id(after),
    )
