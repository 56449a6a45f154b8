"""One way to make an AWS client: endpoint and credentials come from the standard AWS_* variables."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ocpctl_common.errors import CloudUnavailable

# Long polls wait 20 s on the server; reads must outlast them. Path style works on every S3 endpoint.
CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=64,
    s3={"addressing_style": "path"},
)


def session() -> boto3.Session:
    """A session of its own, since the default one is not safe to share between threads while clients are made."""
    return boto3.Session()


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """Turns a service that is away or throttles into CloudUnavailable; other refusals pass."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= 500 or error.response["Error"]["Code"] in ("Throttling", "ThrottlingException", "SlowDown"):  # noqa: PLR2004 - HTTP's server errors
            raise CloudUnavailable(f"{what} does not answer") from error
        raise
    except BotoCoreError as error:
        raise CloudUnavailable(f"{what} does not answer ({type(error).__name__})") from error


def error_code(error: ClientError) -> str:
    """AWS's word for a refusal, e.g. NoSuchKey."""
    return str(error.response["Error"]["Code"])
