"""Tokens of IAM go only to a server that has proved who it is."""

from pathlib import Path

import pytest
from ocpctl_common.database_settings import DatabaseSettings
from pydantic import ValidationError

SERVER = "db.example:5432/ocpctl"
VERIFIED = "?sslmode=verify-full&sslrootcert=/rds.pem"


def settings(url: str, *, iam: bool = True) -> DatabaseSettings:
    return DatabaseSettings(database_url=url, database_iam_auth=iam, tls_dir=Path("/tls"))


def test_a_role_and_a_server_that_proves_itself_are_enough() -> None:
    assert settings(f"postgresql://ocpctl_reader@{SERVER}{VERIFIED}").database_iam_auth


@pytest.mark.parametrize(
    "query", ["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=verify-full&sslmode=disable"]
)
def test_a_server_that_proves_nothing_gets_no_token(query: str) -> None:
    with pytest.raises(ValidationError, match="needs sslmode=verify-full"):
        settings(f"postgresql://ocpctl_reader@{SERVER}{query}")


@pytest.mark.parametrize("login", ["ocpctl_reader:secret@", ""])
def test_a_password_or_no_role_contradicts_it(login: str) -> None:
    with pytest.raises(ValidationError, match="a role, a host and no password"):
        settings(f"postgresql://{login}{SERVER}{VERIFIED}")


def test_without_it_a_url_is_taken_as_before() -> None:
    assert not settings(f"postgresql://ocpctl_reader:secret@{SERVER}", iam=False).database_iam_auth
