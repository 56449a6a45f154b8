"""The headers of answers to changes."""

import grpc
import structlog
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl_common.rpc.interceptors import HTTP_STATUS

REPLAYED = ("idempotent-replayed", "true")

log = structlog.get_logger()


def done(context: grpc.ServicerContext, *, replayed: bool) -> None:
    """The change is done."""
    if replayed:
        context.send_initial_metadata((REPLAYED,))


def accepted(context: grpc.ServicerContext, answer: request_pb.AcceptedResponse) -> None:
    """The change is durable and done later: 202, and where to look."""
    headers = [(HTTP_STATUS, "202"), ("location", f"/api/v1/clusters/{answer.cluster_id}")]
    if answer.replayed:
        headers.append(REPLAYED)
    context.send_initial_metadata(tuple(headers))
    log.info("accepted", cluster_id=answer.cluster_id, job_id=answer.job_id, replayed=answer.replayed)
