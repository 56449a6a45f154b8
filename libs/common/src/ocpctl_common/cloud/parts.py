"""Large objects in parts: one that fails is sent again alone, and memory holds one of them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO, Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError

PART_BYTES = 8 * 2**20  # S3 takes 10,000 parts: up to 78 GiB

log = structlog.get_logger()


def put(s3: Any, target: Mapping[str, str], body: IO[bytes], content_type: str, **condition: str) -> str:
    """The version that all parts make; whatever fails leaves none. `target`: bucket and key.

    S3 checks the SHA-256 of each part. Raises ClientError, BotoCoreError.
    """
    begun = s3.create_multipart_upload(**target, ContentType=content_type, ChecksumAlgorithm="SHA256")
    upload = {**target, "UploadId": begun["UploadId"]}
    try:
        sent = list(_sent(s3, upload, body))
        answer = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent}, **condition)
    except BaseException:
        _abort(s3, upload)
        raise
    return str(answer["VersionId"])


def _sent(s3: Any, upload: Mapping[str, str], body: IO[bytes]) -> Iterator[dict[str, Any]]:
    for number, content in enumerate(iter(partial(body.read, PART_BYTES), b""), start=1):
        answer = s3.upload_part(**upload, PartNumber=number, Body=content, ChecksumAlgorithm="SHA256")
        yield {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]}


def _abort(s3: Any, upload: Mapping[str, str]) -> None:
    """Parts cost money until then; the bucket's lifecycle ends those of a process that died."""
    try:
        s3.abort_multipart_upload(**upload)
    except (BotoCoreError, ClientError) as error:
        log.warning("parts are left in the artifact store", key=upload["Key"], error=str(error))
