"""Answers to changes: their headers, and the message that all accepted commands share."""

from typing import TypeVar

import grpc
import structlog
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl_common.rpc.interceptors import HTTP_STATUS

from ocpctl_api_gateway.translation import cluster_messages

REPLAYED = ("idempotent-replayed", "true")
NO_STORE = ("cache-control", "no-store")
AcceptedT = TypeVar(
    "AcceptedT",
    cluster_pb.CreateClusterResponse,
    cluster_pb.DestroyClusterResponse,
    cluster_pb.CancelCreateResponse,
    cluster_pb.ScaleWorkersResponse,
    admin_pb.RetryDestroyResponse,
)

log = structlog.get_logger()


def done(context: grpc.ServicerContext, *, replayed: bool) -> None:
    """For a change that is complete."""
    if replayed:
        context.send_initial_metadata((REPLAYED,))


def accepted(
    context: grpc.ServicerContext, answer: request_pb.AcceptedResponse, response: type[AcceptedT]
) -> AcceptedT:
    """For a command that is durable and runs later: 202, and the URL of the cluster."""
    headers = [(HTTP_STATUS, "202"), ("location", f"/api/v1/clusters/{answer.cluster_id}")]
    if answer.replayed:
        headers.append(REPLAYED)
    context.send_initial_metadata(tuple(headers))
    log.info("command accepted", cluster_id=answer.cluster_id, job_id=answer.job_id, replayed=answer.replayed)
    status = cluster_messages.cluster_status(answer.status)
    return response(cluster_id=answer.cluster_id, job_id=answer.job_id, status=status)
