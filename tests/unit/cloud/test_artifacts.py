"""What is read from the artifact store is exactly what was stored, or it is not handed on."""

import hashlib
import io
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.errors import NotFound, OcpctlError, Unavailable

CONTENT = b"kubeconfig"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class S3:
    """Answers `get_object` as told; remembers what was asked."""

    def __init__(self, error: str = "", status: int = 404) -> None:
        self.asked: dict[str, str] = {}
        self._error = error
        self._status = status

    def get_object(self, **asked: str) -> Any:
        self.asked = asked
        if self._error:
            metadata = {"HTTPStatusCode": self._status}
            raise ClientError({"Error": {"Code": self._error}, "ResponseMetadata": metadata}, "GetObject")  # type: ignore[typeddict-item]
        return {"Body": io.BytesIO(CONTENT)}


def get(s3: S3, *, sha256: str = DIGEST, limit: int = 100) -> bytes:
    session: Any = SimpleNamespace(client=lambda *words, **more: s3)
    return ArtifactStore(session, "bucket").get("s3://bucket/clusters/c/k", "v7", sha256=sha256, limit=limit)


def test_the_exact_version() -> None:
    s3 = S3()
    assert get(s3) == CONTENT
    assert s3.asked == {"Bucket": "bucket", "Key": "clusters/c/k", "VersionId": "v7"}


def test_a_checksum_that_nobody_recorded_is_not_compared() -> None:
    assert get(S3(), sha256="") == CONTENT


def test_what_is_not_what_was_stored_is_refused() -> None:
    with pytest.raises(OcpctlError, match="checksum differs"):
        get(S3(), sha256="0" * 64)


def test_what_is_too_large_is_refused() -> None:
    assert get(S3(), limit=len(CONTENT)) == CONTENT
    with pytest.raises(OcpctlError, match="larger than"):
        get(S3(), limit=len(CONTENT) - 1)


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_what_is_gone(code: str) -> None:
    with pytest.raises(NotFound):
        get(S3(code))


def test_a_store_that_is_away() -> None:
    with pytest.raises(Unavailable):
        get(S3("InternalError", 500))
