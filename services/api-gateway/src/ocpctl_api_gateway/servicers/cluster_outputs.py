"""The part of ocpctl.v1.ClusterService that hands out how to reach a cluster: audited first, never cached."""

from datetime import timedelta

import grpc
from google.api.httpbody_pb2 import HttpBody
from ocpctl.v1 import cluster_service_pb2 as pb

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.translation import times

KUBECONFIG_URL_LIFE = timedelta(minutes=5)
MOST_KUBECONFIG_BYTES = 2**20
NO_STORE = ("cache-control", "no-store")
AS_FILE = ("content-disposition", 'attachment; filename="kubeconfig.yaml"')


class ClusterOutputs:
    """Nothing is handed out that could not be audited."""

    _ports: Ports

    def GetClusterOutputs(
        self, request: pb.GetClusterOutputsRequest, context: grpc.ServicerContext
    ) -> pb.ClusterOutputs:
        """See the proto."""
        with self._ports.door.enter(context, "GetClusterOutputs") as caller:
            cluster = self._ports.reader.cluster(caller, request.cluster_id)
            outputs = self._ports.reader.outputs(cluster)
            self._ports.scheduler.audit_hand_out(caller, "GetClusterOutputs", cluster.id)
            context.send_initial_metadata((NO_STORE,))
            seconds = int(KUBECONFIG_URL_LIFE.total_seconds())
            url = self._ports.artifacts.presign(outputs.kubeconfig_s3_uri, outputs.kubeconfig_version_id, seconds)
            return pb.ClusterOutputs(
                cluster_id=cluster.id,
                api_url=outputs.api_url,
                console_url=outputs.console_url,
                kubeconfig_download_url=url,
                kubeconfig_download_expires_at=times.timestamp(self._ports.clock() + KUBECONFIG_URL_LIFE),
                kubeadmin_password_ref=outputs.kubeadmin_secret_arn,
            )

    def GetKubeconfig(self, request: pb.GetKubeconfigRequest, context: grpc.ServicerContext) -> pb.Kubeconfig:
        """See the proto."""
        with self._ports.door.enter(context, "GetKubeconfig") as caller:
            content = self._kubeconfig(caller, "GetKubeconfig", request.cluster_id)
            context.send_initial_metadata((NO_STORE,))
            return pb.Kubeconfig(cluster_id=request.cluster_id, kubeconfig=content.decode())

    def GetKubeconfigFile(self, request: pb.GetKubeconfigFileRequest, context: grpc.ServicerContext) -> HttpBody:
        """See the proto."""
        with self._ports.door.enter(context, "GetKubeconfigFile") as caller:
            content = self._kubeconfig(caller, "GetKubeconfigFile", request.cluster_id)
            context.send_initial_metadata((NO_STORE, AS_FILE))
            return HttpBody(content_type="application/yaml", data=content)

    def _kubeconfig(self, caller: Principal, rpc: str, cluster_id: str) -> bytes:
        cluster = self._ports.reader.cluster(caller, cluster_id)
        outputs = self._ports.reader.outputs(cluster)
        self._ports.scheduler.audit_hand_out(caller, rpc, cluster.id)
        return self._ports.artifacts.get(
            outputs.kubeconfig_s3_uri,
            outputs.kubeconfig_version_id,
            sha256=outputs.kubeconfig_sha256,
            most=MOST_KUBECONFIG_BYTES,
        )
