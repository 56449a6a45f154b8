"""Large artifacts, against an AWS endpoint: in parts, whole or not at all."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from ocpctl_common.cloud import artifacts, parts
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.errors import CloudRefused, CloudUnavailable

from tests.integration import aws_endpoint

LARGE = b"0123456789abcdef" * (11 * 2**16)  # 11 MiB: three parts of the least size that S3 takes
BUCKET = "artifacts"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        client = made.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def store(s3: Any, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    monkeypatch.setattr(artifacts, "PARTS_ABOVE_BYTES", 5 * 2**20)
    monkeypatch.setattr(parts, "PART_BYTES", 5 * 2**20)
    return ArtifactStore(boto3.Session(), BUCKET)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(LARGE)
    return path


def test_it_comes_back_as_it_was(store: ArtifactStore, s3: Any, large: Path) -> None:
    stored = store.put_new("whole", large, "application/zstd")
    assert (stored.size_bytes, stored.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert store.get(stored.uri, stored.version_id, sha256=stored.sha256, limit=len(LARGE)) == LARGE
    assert s3.head_object(Bucket=BUCKET, Key="whole")["ContentType"] == "application/zstd"
    assert s3.head_object(Bucket=BUCKET, Key="whole", PartNumber=1)["PartsCount"] == 3


def test_an_existing_key_is_refused_and_no_part_stays(store: ArtifactStore, s3: Any, large: Path) -> None:
    first = store.put_new("taken", large, "text/plain")
    with pytest.raises(CloudRefused) as refused:
        store.put_new("taken", large, "text/plain")
    assert refused.value.code == "PreconditionFailed"
    assert s3.head_object(Bucket=BUCKET, Key="taken")["VersionId"] == first.version_id
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


@pytest.mark.parametrize("failing", ["upload_part", "complete_multipart_upload"])
def test_what_fails_leaves_no_part(store: ArtifactStore, s3: Any, large: Path, failing: str) -> None:
    def fail(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="s3")

    setattr(store._s3, failing, fail)
    with pytest.raises(CloudUnavailable):
        store.put_new("failed", large, "text/plain")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert s3.list_object_versions(Bucket=BUCKET, Prefix="failed").get("Versions") is None


def test_the_first_error_is_told_where_nothing_answers(store: ArtifactStore, large: Path) -> None:
    def fail(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="s3")

    for name in ("upload_part", "abort_multipart_upload"):
        setattr(store._s3, name, fail)
    with pytest.raises(CloudUnavailable):
        store.put_new("away", large, "text/plain")
