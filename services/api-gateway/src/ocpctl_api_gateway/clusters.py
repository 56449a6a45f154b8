"""ocpctl.v1.ClusterService: each method translates and delegates."""

from dataclasses import dataclass
from datetime import timedelta

import grpc
import structlog
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceServicer
from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.profiles.catalogue import Catalogue
from ocpctl_common.profiles.extension import check_extension, longest_ttl
from ocpctl_common.profiles.policy import resolve
from ocpctl_common.rpc.interceptors import HTTP_STATUS

from ocpctl_api_gateway import listing, paging, rbac, translate
from ocpctl_api_gateway.door import Door
from ocpctl_api_gateway.principal import idempotency_key
from ocpctl_api_gateway.reading import Reader
from ocpctl_api_gateway.scheduler_port import SchedulerPort, request_context

REPLAYED = ("idempotent-replayed", "true")
KUBECONFIG_URL_LIFE = timedelta(minutes=5)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the servicers need."""

    door: Door
    reader: Reader
    scheduler: SchedulerPort
    artifacts: ArtifactStore
    catalogue: Catalogue
    clock: Clock


class ClusterServicer(ClusterServiceServicer):
    """Clusters."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def CreateCluster(
        self, request: pb.CreateClusterRequest, context: grpc.ServicerContext
    ) -> pb.CreateClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "CreateCluster") as caller:
            key = idempotency_key(context)
            spec = resolve(translate.create_request(request), self._ports.catalogue)
            rbac.check_team(caller, spec.team)
            if request.validate_only:
                return pb.CreateClusterResponse(resolved=translate.resolved(spec))
            asked = request_context(caller, key, translate.request_hash(request))
            answer = self._ports.scheduler.create(translate.internal_create(spec, asked))
            _accepted(context, answer)
            return pb.CreateClusterResponse(
                cluster_id=answer.cluster_id,
                job_id=answer.job_id,
                status=translate.cluster_status(answer.status),
                resolved=translate.resolved(spec),
            )

    def DestroyCluster(
        self, request: pb.DestroyClusterRequest, context: grpc.ServicerContext
    ) -> pb.DestroyClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "DestroyCluster") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_context(caller, key, translate.request_hash(request))
            answer = self._ports.scheduler.destroy(
                request_pb.DestroyClusterRequest(context=asked, cluster_id=cluster.id)
            )
            _accepted(context, answer)
            return pb.DestroyClusterResponse(
                cluster_id=answer.cluster_id, job_id=answer.job_id, status=translate.cluster_status(answer.status)
            )

    def ExtendCluster(
        self, request: pb.ExtendClusterRequest, context: grpc.ServicerContext
    ) -> pb.ExtendClusterResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ExtendCluster") as caller:
            key = idempotency_key(context)
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            asked = request_pb.ExtendClusterRequest(
                context=request_context(caller, key, translate.request_hash(request)),
                cluster_id=cluster.id,
                hours=check_extension(request.hours),
                max_ttl_hours=longest_ttl(self._ports.catalogue, cluster.profile),
            )
            answer = self._ports.scheduler.extend(asked)
            if answer.replayed:
                context.send_initial_metadata((REPLAYED,))
            return translate.extended(cluster.id, answer)

    def GetCluster(self, request: pb.GetClusterRequest, context: grpc.ServicerContext) -> pb.Cluster:
        """See the proto."""
        with self._ports.door.enter(context, "GetCluster") as caller:
            return translate.cluster(self._ports.reader.cluster(caller, request.cluster_id))

    def ListClusters(self, request: pb.ListClustersRequest, context: grpc.ServicerContext) -> pb.ListClustersResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListClusters") as caller:
            most = paging.size(request.page_size)
            binding = paging.binding(caller.arn, request)
            wanted = listing.clusters(caller, request, paging.decode(request.page_token, binding))
            if wanted is None:
                return pb.ListClustersResponse()
            page, more = paging.cut(self._ports.reader.clusters(wanted, most=most + 1), most, binding)
            return pb.ListClustersResponse(clusters=map(translate.cluster, page), next_page_token=more)

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
            return pb.ListClusterEventsResponse(events=map(translate.event, found), next_page_token=more)

    def GetClusterOutputs(
        self, request: pb.GetClusterOutputsRequest, context: grpc.ServicerContext
    ) -> pb.ClusterOutputs:
        """See the proto."""
        with self._ports.door.enter(context, "GetClusterOutputs") as caller:
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            outputs = self._ports.reader.outputs(cluster)
            self._ports.scheduler.audit_hand_out(caller, "GetClusterOutputs", cluster.id)
            context.send_initial_metadata((("cache-control", "no-store"),))
            seconds = int(KUBECONFIG_URL_LIFE.total_seconds())
            expires_at = (
                self._ports.clock() + KUBECONFIG_URL_LIFE
            )  # before it is signed: it never lives shorter than told
            url = self._ports.artifacts.presign(outputs.kubeconfig_s3_uri, outputs.kubeconfig_version_id, seconds)
            return pb.ClusterOutputs(
                cluster_id=cluster.id,
                api_url=outputs.api_url,
                console_url=outputs.console_url,
                kubeconfig_download_url=url,
                kubeconfig_download_expires_at=translate.timestamp(expires_at),
                kubeadmin_password_ref=outputs.kubeadmin_secret_arn,
            )

    def GetDestroyReceipt(
        self, request: pb.GetDestroyReceiptRequest, context: grpc.ServicerContext
    ) -> pb.DestroyReceipt:
        """See the proto."""
        with self._ports.door.enter(context, "GetDestroyReceipt") as caller:
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            receipts = [translate.attempt_receipt(document) for document in self._ports.reader.receipts(cluster)]
            verified_at = translate.timestamp(cluster.destroyed_at)
            return pb.DestroyReceipt(cluster_id=cluster.id, verified_at=verified_at, attempts=receipts)


def _accepted(context: grpc.ServicerContext, answer: request_pb.AcceptedResponse) -> None:
    headers = [(HTTP_STATUS, "202"), ("location", f"/api/v1/clusters/{answer.cluster_id}")]
    if answer.replayed:
        headers.append(REPLAYED)
    context.send_initial_metadata(tuple(headers))
    log.info("accepted", cluster_id=answer.cluster_id, job_id=answer.job_id, replayed=answer.replayed)
