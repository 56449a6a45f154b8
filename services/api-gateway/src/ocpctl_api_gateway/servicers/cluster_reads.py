"""The half of ocpctl.v1.ClusterService that tells of clusters."""

import grpc
from ocpctl.v1 import cluster_service_pb2 as pb

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.reads import listing, paging
from ocpctl_api_gateway.translation import times, views


class ClusterReads:
    """SELECTs with the caller's eyes."""

    _ports: Ports

    def GetCluster(self, request: pb.GetClusterRequest, context: grpc.ServicerContext) -> pb.Cluster:
        """See the proto."""
        with self._ports.door.enter(context, "GetCluster") as caller:
            return views.cluster(self._ports.reader.cluster(caller, request.cluster_id))

    def ListClusters(self, request: pb.ListClustersRequest, context: grpc.ServicerContext) -> pb.ListClustersResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListClusters") as caller:
            most = paging.size(request.page_size)
            binding = paging.binding(caller.arn, request)
            wanted = listing.clusters(caller, request, paging.decode(request.page_token, binding))
            if wanted is None:
                return pb.ListClustersResponse()
            page, more = paging.cut(self._ports.reader.clusters(wanted, most=most + 1), most, binding)
            return pb.ListClustersResponse(clusters=map(views.cluster, page), next_page_token=more)

    def ListClusterEvents(
        self, request: pb.ListClusterEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListClusterEventsResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListClusterEvents") as caller:
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            binding = paging.binding(caller.arn, request)
            after = paging.number(paging.decode(request.page_token, binding))
            found = self._ports.reader.events(cluster, after=after, most=paging.size(request.page_size))
            more = paging.encode(found[-1].created_at, str(found[-1].id), binding) if found else request.page_token
            return pb.ListClusterEventsResponse(events=map(views.event, found), next_page_token=more)

    def GetDestroyReceipt(
        self, request: pb.GetDestroyReceiptRequest, context: grpc.ServicerContext
    ) -> pb.DestroyReceipt:
        """See the proto."""
        with self._ports.door.enter(context, "GetDestroyReceipt") as caller:
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            receipts = [views.attempt_receipt(document) for document in self._ports.reader.receipts(cluster)]
            verified_at = times.timestamp(cluster.destroyed_at)
            return pb.DestroyReceipt(cluster_id=cluster.id, verified_at=verified_at, attempts=receipts)
