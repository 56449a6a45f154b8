"""ocpctl.v1.ClusterService."""

import grpc
from google.api.httpbody_pb2 import HttpBody
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceServicer
from ocpctl_common.profiles.extension import check_extension, longest_ttl
from ocpctl_common.profiles.workers import check_replicas, cost_now, limits_now

from ocpctl_api_gateway.dependencies import Dependencies
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.servicers.answers import NO_STORE
from ocpctl_api_gateway.servicers.cluster_creation import ClusterCreation
from ocpctl_api_gateway.servicers.output_delivery import OutputDelivery
from ocpctl_api_gateway.translation import cluster_messages, commands, times

AS_FILE = ("content-disposition", 'attachment; filename="kubeconfig.yaml"')


class ClusterServicer(ClusterServiceServicer):
    """Changes are commands to the scheduler, with the limits that policy allows now."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._authentication = dependencies.authentication
        self._clusters = dependencies.clusters
        self._scheduler = dependencies.scheduler
        self._catalogue = dependencies.catalogue
        self._creation = ClusterCreation(dependencies.clusters, dependencies.scheduler, dependencies.catalogue)
        self._delivery = OutputDelivery(
            dependencies.clusters, dependencies.scheduler, dependencies.artifacts, dependencies.clock
        )

    def CreateCluster(
        self, request: pb.CreateClusterRequest, context: grpc.ServicerContext
    ) -> pb.CreateClusterResponse:
        with self._authentication.authorize(context, "CreateCluster") as caller:
            if request.validate_only:
                spec = self._creation.validate(caller, request)
                return pb.CreateClusterResponse(resolved=cluster_messages.resolved(spec))
            command = commands.command_context(caller, context, request)
            answer, spec = self._creation.create(caller, request, command)
            response = answers.accepted(context, answer, pb.CreateClusterResponse)
            response.resolved.CopyFrom(cluster_messages.resolved(spec))
            return response

    def GetCluster(self, request: pb.GetClusterRequest, context: grpc.ServicerContext) -> pb.Cluster:
        with self._authentication.authorize(context, "GetCluster") as caller:
            return cluster_messages.cluster(self._clusters.cluster(caller, request.cluster_id))

    def ListClusters(self, request: pb.ListClustersRequest, context: grpc.ServicerContext) -> pb.ListClustersResponse:
        with self._authentication.authorize(context, "ListClusters") as caller:
            page = self._clusters.page(caller, request)
            clusters = map(cluster_messages.cluster, page.rows)
            return pb.ListClustersResponse(clusters=clusters, next_page_token=page.next_token)

    def DestroyCluster(
        self, request: pb.DestroyClusterRequest, context: grpc.ServicerContext
    ) -> pb.DestroyClusterResponse:
        with self._authentication.authorize(context, "DestroyCluster") as caller:
            command = request_pb.DestroyClusterRequest(context=commands.command_context(caller, context, request))
            command.cluster_id = self._clusters.cluster(caller, request.cluster_id).id
            return answers.accepted(context, self._scheduler.destroy(command), pb.DestroyClusterResponse)

    def CancelCreate(self, request: pb.CancelCreateRequest, context: grpc.ServicerContext) -> pb.CancelCreateResponse:
        with self._authentication.authorize(context, "CancelCreate") as caller:
            command = request_pb.CancelCreateRequest(context=commands.command_context(caller, context, request))
            command.cluster_id = self._clusters.cluster(caller, request.cluster_id).id
            return answers.accepted(context, self._scheduler.cancel(command), pb.CancelCreateResponse)

    def ScaleWorkers(self, request: pb.ScaleWorkersRequest, context: grpc.ServicerContext) -> pb.ScaleWorkersResponse:
        with self._authentication.authorize(context, "ScaleWorkers") as caller:
            command_context = commands.command_context(caller, context, request)
            cluster = self._clusters.cluster(caller, request.cluster_id)
            replicas = check_replicas(request.worker_replicas if request.HasField("worker_replicas") else None)
            command = request_pb.ScaleWorkersRequest(
                context=command_context,
                cluster_id=cluster.id,
                worker_replicas=replicas,
                limits=commands.worker_limits(limits_now(self._catalogue, cluster.spec.profile)),
                hourly_cost_micros=cost_now(self._catalogue, cluster.spec.profile, replicas),
            )
            return answers.accepted(context, self._scheduler.scale(command), pb.ScaleWorkersResponse)

    def ExtendCluster(
        self, request: pb.ExtendClusterRequest, context: grpc.ServicerContext
    ) -> pb.ExtendClusterResponse:
        with self._authentication.authorize(context, "ExtendCluster") as caller:
            command_context = commands.command_context(caller, context, request)
            cluster = self._clusters.cluster(caller, request.cluster_id)
            command = request_pb.ExtendClusterRequest(
                context=command_context,
                cluster_id=cluster.id,
                hours=check_extension(request.hours),
                max_ttl_hours=longest_ttl(self._catalogue, cluster.spec.profile),
            )
            answer = self._scheduler.extend(command)
            answers.done(context, replayed=answer.replayed)
            return cluster_messages.extended(cluster.id, answer)

    def KeepClusterAlive(
        self, request: pb.KeepClusterAliveRequest, context: grpc.ServicerContext
    ) -> pb.KeepClusterAliveResponse:
        with self._authentication.authorize(context, "KeepClusterAlive") as caller:
            cluster = self._clusters.cluster(caller, request.cluster_id)
            answer = self._scheduler.keep_alive(request_pb.KeepClusterAliveRequest(cluster_id=cluster.id))
            return cluster_messages.kept_alive(cluster.id, answer)

    def ListClusterEvents(
        self, request: pb.ListClusterEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListClusterEventsResponse:
        with self._authentication.authorize(context, "ListClusterEvents") as caller:
            page = self._clusters.events(caller, request)
            events = map(cluster_messages.event, page.rows)
            return pb.ListClusterEventsResponse(events=events, next_page_token=page.next_token)

    def GetClusterOutputs(
        self, request: pb.GetClusterOutputsRequest, context: grpc.ServicerContext
    ) -> pb.ClusterOutputs:
        with self._authentication.authorize(context, "GetClusterOutputs") as caller:
            outputs = self._delivery.outputs(caller, request.cluster_id)
            context.send_initial_metadata((NO_STORE,))
            return outputs

    def GetKubeconfig(self, request: pb.GetKubeconfigRequest, context: grpc.ServicerContext) -> pb.Kubeconfig:
        with self._authentication.authorize(context, "GetKubeconfig") as caller:
            content = self._delivery.kubeconfig(caller, request.cluster_id, rpc="GetKubeconfig")
            context.send_initial_metadata((NO_STORE,))
            return pb.Kubeconfig(cluster_id=request.cluster_id, kubeconfig=content.decode())

    def GetKubeconfigFile(self, request: pb.GetKubeconfigFileRequest, context: grpc.ServicerContext) -> HttpBody:
        with self._authentication.authorize(context, "GetKubeconfigFile") as caller:
            content = self._delivery.kubeconfig(caller, request.cluster_id, rpc="GetKubeconfigFile")
            context.send_initial_metadata((NO_STORE, AS_FILE))
            return HttpBody(content_type="application/yaml", data=content)

    def GetDestroyReceipt(
        self, request: pb.GetDestroyReceiptRequest, context: grpc.ServicerContext
    ) -> pb.DestroyReceipt:
        with self._authentication.authorize(context, "GetDestroyReceipt") as caller:
            cluster = self._clusters.cluster(caller, request.cluster_id)
            receipts = map(cluster_messages.attempt_receipt, self._clusters.receipts(cluster))
            verified_at = times.timestamp(cluster.destroyed_at)
            return pb.DestroyReceipt(cluster_id=cluster.id, verified_at=verified_at, attempts=receipts)
