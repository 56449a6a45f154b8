"""What the janitor says."""

from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.store.orphans import FoundOrphan
from ocpctl_common.store.queries.janitor import Candidate

from ocpctl_scheduler.translation import fields


def asked(request: sweep_pb.ApplySweepRequest) -> Candidate:
    """The candidate of a sweep."""
    fields.require(request, "sweep")
    return Candidate(cluster_id=ClusterId(request.cluster_id), job_id=JobId(request.job_id), seen=request.seen)


def found_orphans(request: sweep_pb.RecordOrphansRequest) -> list[FoundOrphan]:
    """Finds."""
    fields.require(request, "account_id", "region")
    for one in request.found:
        fields.require(one, "resource_arn", "resource_type")
    return [
        FoundOrphan(resource_arn=one.resource_arn, infra_id=one.infra_id, resource_type=one.resource_type)
        for one in request.found
    ]
