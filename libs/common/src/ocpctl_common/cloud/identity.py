"""Whose credentials these are."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors


def account_id(session: boto3.Session) -> str:
    """The account that the session's credentials act in. Raises Unavailable."""
    with aws_errors("STS"):
        return session.client("sts", config=CONFIG).get_caller_identity()["Account"]
