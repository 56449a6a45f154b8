"""The settings of a service that reads or writes the database."""

from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, model_validator

from ocpctl_common.settings import DatabaseUrl, ServiceSettings


class DatabaseSettings(ServiceSettings):
    """What every service has that reads or writes the database."""

    database_url: DatabaseUrl = Field(description="postgresql:// URL")
    database_iam_auth: bool = Field(
        default=False,
        description="log in to RDS with a token of IAM for each new connection, not with a password; the URL must have "
        "sslmode=verify-full",
    )

    @model_validator(mode="after")
    def _tokens_go_to_the_right_server(self) -> Self:
        """Whoever gets a token can log in with it, so the server must prove who it is first."""
        url = urlsplit(self.database_url)
        if not self.database_iam_auth:
            return self
        if parse_qs(url.query).get("sslmode") != ["verify-full"]:
            raise ValueError("OCPCTL_DATABASE_IAM_AUTH needs sslmode=verify-full in OCPCTL_DATABASE_URL")
        if url.password or not (url.hostname and url.username):
            raise ValueError("OCPCTL_DATABASE_IAM_AUTH needs a role, a host and no password in OCPCTL_DATABASE_URL")
        return self
