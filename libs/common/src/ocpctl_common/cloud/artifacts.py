"""Artifacts in the versioned S3 bucket. Nothing is ever deleted here."""

import base64
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ocpctl_common.cloud import parts
from ocpctl_common.cloud.session import CONFIG, aws_errors
from ocpctl_common.errors import CloudRefused, NotFound, OcpctlError

PARTS_ABOVE_BYTES = 64 * 2**20
Body = io.BytesIO | io.BufferedReader
GONE = ("NoSuchKey", "NoSuchVersion", "404")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a thing lies. `sha256` is hex."""

    uri: str
    key: str
    version_id: str
    sha256: str
    size_bytes: int


class ArtifactStore:
    """Puts and gets exact versions; S3 checks the SHA-256 on its side too. Raises Unavailable."""

    def __init__(self, session: boto3.Session, bucket: str) -> None:
        # Presigned URLs must be SigV4: the older form is refused by buckets with KMS encryption.
        self._s3 = session.client("s3", config=CONFIG.merge(Config(signature_version="s3v4")))
        self._bucket = bucket

    def keeps_versions(self) -> bool:
        """Whether the bucket is what this class needs. CloudRefused: there is none, or it is not for us."""
        with aws_errors("the artifact store"):
            return self._s3.get_bucket_versioning(Bucket=self._bucket).get("Status") == "Enabled"

    def put(self, key: str, body: bytes, content_type: str) -> Stored:
        """Stores a new version."""
        return self._put(key, io.BytesIO(body), content_type)

    def put_new(self, key: str, path: Path, content_type: str) -> Stored:
        """Stores a file in bounded memory. An existing key is refused (CloudRefused PreconditionFailed)."""
        with path.open("rb") as body:
            return self._put(key, body, content_type, IfNoneMatch="*")

    def _put(self, key: str, body: Body, content_type: str, **condition: str) -> Stored:
        digest, size = hashlib.file_digest(body, "sha256").digest(), body.tell()
        body.seek(0)
        target: dict[str, Any] = {"Bucket": self._bucket, "Key": key}
        with aws_errors("the artifact store"):
            if size > PARTS_ABOVE_BYTES:
                version_id = parts.put(self._s3, target, body, content_type, **condition)
            else:
                checksum = base64.b64encode(digest).decode()
                target |= {"ContentType": content_type, "ChecksumSHA256": checksum, **condition}
                version_id = self._s3.put_object(Body=body, **target)["VersionId"]
        return Stored(
            uri=f"s3://{self._bucket}/{key}",
            key=key,
            version_id=version_id,
            sha256=digest.hex(),
            size_bytes=size,
        )

    def get(self, uri: str, version_id: str, *, sha256: str, limit: int) -> bytes:
        """Exactly this version, whose SHA-256 (hex) was recorded when it was stored; "": nobody recorded it.

        S3's own checksum is compared by the client library too. Raises NotFound, Unavailable; OcpctlError when it is
        larger than `limit` bytes or not what was stored.
        """
        key = uri.removeprefix(f"s3://{self._bucket}/")
        try:
            with aws_errors("the artifact store"):
                answer = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=version_id)
                with answer["Body"] as body:
                    content = body.read(limit + 1)
        except CloudRefused as error:
            if error.code in GONE:
                raise NotFound(f"{uri} is not in the artifact store any more") from error
            raise
        if len(content) > limit:
            raise OcpctlError(f"{uri} is larger than {limit} bytes")
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise OcpctlError(f"{uri} is not what was stored: its checksum differs")
        return content

    def presign(self, uri: str, version_id: str, seconds: int) -> str:
        """A URL that reads exactly this version for `seconds`."""
        key = uri.removeprefix(f"s3://{self._bucket}/")
        return self._s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": key, "VersionId": version_id},
            ExpiresIn=seconds,
        )
