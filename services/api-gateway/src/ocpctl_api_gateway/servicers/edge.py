"""ocpctl.edge.v1.EdgeService: bodies of REST callers as they were sent, read strictly."""

import grpc
from ocpctl.edge.v1 import edge_service_pb2 as edge_pb
from ocpctl.edge.v1.edge_service_pb2_grpc import EdgeServiceServicer
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_common.rpc.reading import check_texts

from ocpctl_api_gateway.contract import BODIES
from ocpctl_api_gateway.identity.body_check import read_body
from ocpctl_api_gateway.servicers.clusters import ClusterServicer

_CREATE = next(route for route in BODIES if route.message is pb.CreateClusterRequest.DESCRIPTOR)
_NAMES = {field.json_name: field.name for field in _CREATE.message.fields}


class EdgeServicer(EdgeServiceServicer):
    """Each is the call of its name with the message that the body means."""

    def __init__(self, clusters: ClusterServicer) -> None:
        self._clusters = clusters

    def CreateCluster(
        self, request: edge_pb.CreateClusterRequest, context: grpc.ServicerContext
    ) -> pb.CreateClusterResponse:
        return self._clusters.CreateCluster(create_request(request.body.data), context)


def create_request(raw: bytes) -> pb.CreateClusterRequest:
    """What a body means; none is an empty one. Raises InvalidRequest."""
    fields = read_body(_CREATE, raw) if raw else {}
    message = pb.CreateClusterRequest(**{_NAMES[key]: value for key, value in fields.items()})
    check_texts(message)
    return message
