"""One way to make an AWS client: endpoint and credentials come from the standard AWS_* variables.

Every call names the service that makes it in its user agent, e.g. `ocpctl/janitor`: so CloudTrail shows who it was.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ocpctl_common.errors import CloudRefused, CloudUnavailable

NAME = "AWS"
THROTTLED = frozenset({"Throttling", "ThrottlingException", "SlowDown"})
NOT_PERMITTED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
SERVER_ERROR = 500
# How services say that a request was signed at another time than theirs: by a code, or by the words of a general one.
OF_ANOTHER_TIME = frozenset({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
_SIGNED_AT_ANOTHER_TIME = re.compile(r"Signature (expired|not yet current)")
CLOCK = "This machine's clock is wrong: set it by NTP."

# Long polls wait 20 s on the server; reads must outlast them. Path style works on every S3 endpoint.
CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=64,
    s3={"addressing_style": "path"},
)


_agent = Config(user_agent_extra="ocpctl")


def configure(service: str) -> None:
    """The name of this process's service in the user agent of sessions that are made from now on."""
    global _agent  # noqa: PLW0603 - one a process, as of its logs and traces
    _agent = Config(user_agent_extra=f"ocpctl/{service}")


def session() -> boto3.Session:
    """A session of its own, since the default one is not safe to share between threads while clients are made."""
    return named(botocore.session.Session())


def named(made: botocore.session.Session) -> boto3.Session:
    """A session that calls in this service's name."""
    if made.get_config_variable("region") == "":  # an empty variable: else every address would be a wrong one
        made.get_component("config_store").set_config_variable("region", None)
    made.set_default_client_config(_agent)  # a client's own configuration goes on top of it
    return boto3.Session(botocore_session=made)


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """Turns a service that is away or throttles into CloudUnavailable, and any other refusal into CloudRefused."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= SERVER_ERROR or error_code(error) in THROTTLED:
            raise CloudUnavailable(f"{what} does not answer") from error
        raise _refused(error) from error
    except BotoCoreError as error:
        raise CloudUnavailable(f"{what} does not answer ({type(error).__name__})") from error


def _refused(error: ClientError) -> CloudRefused:
    code, details = error_code(error), str(error)
    return CloudRefused(
        NAME,
        operation=error.operation_name,
        code=code,
        not_permitted=code in NOT_PERMITTED,
        details=details,
        advice=CLOCK if code in OF_ANOTHER_TIME or _SIGNED_AT_ANOTHER_TIME.search(details) else "",
    )


def error_code(error: ClientError) -> str:
    """AWS's word for a refusal, e.g. NoSuchKey."""
    return str(error.response["Error"]["Code"])
