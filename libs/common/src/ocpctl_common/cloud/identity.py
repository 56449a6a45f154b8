"""Whose credentials these are."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors


class CallerAccount:
    """The account that a session's credentials act in. Thread-safe."""

    def __init__(self, session: boto3.Session) -> None:
        self._sts = session.client("sts", config=CONFIG)
        self._known = ""

    def ask(self) -> str:
        """Asked now: before something is proven or destroyed. Raises Unavailable."""
        with aws_errors("STS"):
            self._known = self._sts.get_caller_identity()["Account"]
        return self._known

    def last_known(self) -> str:
        """As it was asked last: for what need not be proven. Raises Unavailable until it is known."""
        return self._known or self.ask()
