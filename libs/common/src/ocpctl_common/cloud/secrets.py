"""Secrets Manager: the only place where passwords lie."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors
from ocpctl_common.errors import CloudRefused


class SecretStore:
    """Reads and writes secret strings. Raises Unavailable."""

    def __init__(self, session: boto3.Session) -> None:
        self._client = session.client("secretsmanager", config=CONFIG)

    def get(self, arn: str) -> str:
        """The current value."""
        with aws_errors("Secrets Manager"):
            found = self._client.get_secret_value(SecretId=arn)
            # Who stored a file with --secret-binary meant its text.
            return found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode(errors="replace")

    def put(self, name: str, value: str) -> str:
        """Creates the secret, or gives it a new version; returns the ARN."""
        try:
            with aws_errors("Secrets Manager"):
                return self._client.create_secret(Name=name, SecretString=value)["ARN"]
        except CloudRefused as error:
            if error.code != "ResourceExistsException":
                raise
        with aws_errors("Secrets Manager"):
            return self._client.put_secret_value(SecretId=name, SecretString=value)["ARN"]
