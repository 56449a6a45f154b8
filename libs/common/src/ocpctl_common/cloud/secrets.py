"""Secrets Manager: the only place where passwords lie."""

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors


class SecretStore:
    """Reads, creates and deletes secret strings. Raises Unavailable, CloudRefused."""

    def __init__(self, session: boto3.Session) -> None:
        self._client = session.client("secretsmanager", config=CONFIG)

    def get(self, arn: str) -> str:
        """The current value."""
        with aws_errors("Secrets Manager"):
            found = self._client.get_secret_value(SecretId=arn)
            # Who stored a file with --secret-binary meant its text.
            return found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode(errors="replace")

    def create(self, name: str, value: str) -> str:
        """Returns the ARN."""
        with aws_errors("Secrets Manager"):
            return self._client.create_secret(Name=name, SecretString=value)["ARN"]

    def delete(self, name: str) -> None:
        """At once, without AWS's weeks in which it could be restored. So one that does not exist is no error, too."""
        with aws_errors("Secrets Manager"):
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
