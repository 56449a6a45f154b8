"""Whose credentials these are."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors


def account_id(session: boto3.Session) -> str:
    """The account that the session's credentials act in, asked now. Raises Unavailable."""
    with aws_errors("STS"):
        return session.client("sts", config=CONFIG).get_caller_identity()["Account"]


class AccountOf:
    """The account of a session, asked once: for what need not be proven."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self._known = ""

    def __call__(self) -> str:
        """The account. Raises Unavailable until it is known."""
        self._known = self._known or account_id(self._session)
        return self._known
