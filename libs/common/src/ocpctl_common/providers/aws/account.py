"""Who we are to AWS."""

from collections.abc import Callable

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors, session
from ocpctl_common.errors import CloudUnavailable

CHANGED = "the AWS credentials belong to another account than when this process was started; start it anew"


class CallerAccount:
    """The account that a session's credentials act in. Thread-safe."""

    def __init__(self, aws: boto3.Session, *, fresh: Callable[[], boto3.Session] = session) -> None:
        self._aws = aws
        self._fresh = fresh
        self._sts = aws.client("sts", config=CONFIG)
        self._known = ""

    def ask(self) -> str:
        """Asked now: before something is proven or destroyed. Raises Unavailable.

        A process that is started now, such as an installer, would act in this account, too.
        """
        with aws_errors("STS"):
            self._known = self._sts.get_caller_identity()["Account"]
            now = self._fresh()
            if _access_key(now) != _access_key(self._aws) and _account(now) != self._known:
                raise CloudUnavailable(CHANGED)
        return self._known

    def last_known(self) -> str:
        """As it was asked last: for what need not be proven. Raises Unavailable until it is known."""
        return self._known or self.ask()


def _access_key(aws: boto3.Session) -> str | None:
    found = aws.get_credentials()
    return found.get_frozen_credentials().access_key if found else None


def _account(aws: boto3.Session) -> str:
    return str(aws.client("sts", config=CONFIG).get_caller_identity()["Account"])
