"""A database token: RDS lets a role log in with it instead of with a password, when IAM allows it."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors


class DatabaseTokens:
    """A token for each login. RDS takes it for 15 minutes; who is logged in stays so. Whoever has it can log in."""

    def __init__(self, session: boto3.Session) -> None:
        """Raises botocore's NoRegionError: a token is for a region."""
        self._rds = session.client("rds", config=CONFIG)

    def __call__(self, host: str, port: int, user: str) -> str:
        """Computed here with this process's credentials; RDS is not called. Raises Unavailable without credentials."""
        with aws_errors("the source of credentials"):
            return str(self._rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user))
