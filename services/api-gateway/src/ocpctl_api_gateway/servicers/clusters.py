"""ocpctl.v1.ClusterService: changes, reads and hand-outs, each in a module of its own."""

from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceServicer

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.servicers.cluster_changes import ClusterChanges
from ocpctl_api_gateway.servicers.cluster_outputs import ClusterOutputs
from ocpctl_api_gateway.servicers.cluster_reads import ClusterReads


class ClusterServicer(ClusterChanges, ClusterReads, ClusterOutputs, ClusterServiceServicer):
    """Clusters."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
