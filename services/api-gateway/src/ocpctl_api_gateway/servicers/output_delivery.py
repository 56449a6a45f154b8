"""Delivers the outputs of a cluster. Every delivery is audited before it is sent."""

from datetime import timedelta

from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads.cluster_reads import ClusterReads
from ocpctl_api_gateway.scheduler_client import SchedulerClient
from ocpctl_api_gateway.translation import times

KUBECONFIG_URL_LIFETIME = timedelta(minutes=5)
MAX_KUBECONFIG_BYTES = 2**20


class OutputDelivery:
    """Raises NotFound, WrongState, and Unavailable when the audit cannot be written."""

    def __init__(
        self, clusters: ClusterReads, scheduler: SchedulerClient, artifacts: ArtifactStore, clock: Clock
    ) -> None:
        self._clusters = clusters
        self._scheduler = scheduler
        self._artifacts = artifacts
        self._clock = clock

    def outputs(self, caller: Principal, cluster_id: str) -> pb.ClusterOutputs:
        """How to reach the cluster, with a URL that reads one version of the kubeconfig for five minutes."""
        cluster = self._clusters.cluster(caller, cluster_id)
        outputs = self._clusters.outputs(cluster)
        self._scheduler.audit_hand_out(caller, "GetClusterOutputs", cluster.id)
        seconds = int(KUBECONFIG_URL_LIFETIME.total_seconds())
        url = self._artifacts.presign(outputs.kubeconfig_s3_uri, outputs.kubeconfig_version_id, seconds)
        return pb.ClusterOutputs(
            cluster_id=cluster.id,
            api_url=outputs.api_url,
            console_url=outputs.console_url,
            kubeconfig_download_url=url,
            kubeconfig_download_expires_at=times.timestamp(self._clock() + KUBECONFIG_URL_LIFETIME),
            kubeadmin_password_ref=outputs.kubeadmin_secret_arn,
        )

    def kubeconfig(self, caller: Principal, cluster_id: str, *, rpc: str) -> bytes:
        """The kubeconfig, with its checksum verified. `rpc` is the action in the audit."""
        cluster = self._clusters.cluster(caller, cluster_id)
        outputs = self._clusters.outputs(cluster)
        self._scheduler.audit_hand_out(caller, rpc, cluster.id)
        return self._artifacts.get(
            outputs.kubeconfig_s3_uri,
            outputs.kubeconfig_version_id,
            sha256=outputs.kubeconfig_sha256,
            limit=MAX_KUBECONFIG_BYTES,
        )
