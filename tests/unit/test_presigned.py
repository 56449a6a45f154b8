"""The kubeconfig's URL: one version, five minutes. The local endpoint checks neither, so the URL is read here."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import parse_qs, urlsplit

import boto3
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_api_gateway.servicers.clusters import ClusterServicer
from ocpctl_common.cloud.artifacts import ArtifactStore

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OUTPUTS = SimpleNamespace(
    api_url="https://api",
    console_url="https://console",
    kubeconfig_s3_uri="s3://artifacts/clusters/clu_1/outputs/kubeconfig",
    kubeconfig_version_id="v-1",
    kubeadmin_secret_arn="arn:aws:secretsmanager:x",
)


def store() -> ArtifactStore:
    """Signs without asking anybody."""
    session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name="eu-central-1")
    return ArtifactStore(session, "artifacts")


def outputs(artifacts: ArtifactStore) -> pb.ClusterOutputs:
    """What a caller gets who may have it; everything around the URL is a stand-in."""
    dependencies: Any = MagicMock(artifacts=artifacts, clock=lambda: NOW)
    dependencies.clusters.cluster.return_value = SimpleNamespace(id="clu_1")
    dependencies.clusters.outputs.return_value = OUTPUTS
    return ClusterServicer(dependencies).GetClusterOutputs(pb.GetClusterOutputsRequest(cluster_id="clu_1"), MagicMock())


def test_the_url_reads_one_version_for_five_minutes() -> None:
    url = urlsplit(outputs(store()).kubeconfig_download_url)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.scheme, url.hostname) == ("https", "s3.eu-central-1.amazonaws.com")
    assert url.path == "/artifacts/clusters/clu_1/outputs/kubeconfig"
    assert query["versionId"] == "v-1"
    assert query["X-Amz-Expires"] == "300"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-SignedHeaders"] == "host"
    assert "secret" not in url.query


def test_its_end_is_told_from_our_clock() -> None:
    expires = outputs(store()).kubeconfig_download_expires_at.ToDatetime(tzinfo=UTC)
    assert expires == NOW + timedelta(minutes=5)


def test_the_url_does_not_outlive_what_was_told() -> None:
    """Told on the real clock: S3 ends it X-Amz-Expires after X-Amz-Date, and signing takes no second."""
    url = urlsplit(store().presign(OUTPUTS.kubeconfig_s3_uri, "v-1", 300))
    query = parse_qs(url.query)
    signed = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    end = signed + timedelta(seconds=int(query["X-Amz-Expires"][0]))
    assert abs(end - (datetime.now(tz=UTC) + timedelta(minutes=5))) < timedelta(seconds=5)
