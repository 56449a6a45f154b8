"""OCPCTL_DATABASE_IAM_AUTH: each new connection has a token of its own, which RDS would take, and which no log has.

The stand-in for RDS (tls_front) computes the token's signature by itself, and knows the one secret key that may log in.
RDS asks IAM whether the key's owner has rds-db:connect, too; nobody asks that here.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import psycopg
import pytest
from ocpctl_common.errors import CloudUnavailable, Unavailable
from ocpctl_common.store.engine import autocommit
from ocpctl_common.store.opening import open_database
from ocpctl_local.database.postgres import SUPERUSER, Postgres
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.conftest import Database
from tests.integration.store.test_connection_tls import OURS, bundle, certificate
from tests.integration.store.tls_front import Front, front

ROLE, SECRET, REGION = "logs_in_with_tokens", "a-secret-key", "eu-west-1"


def is_right(token: str) -> bool:
    """Whether it is a request to connect as ROLE, for 15 minutes, that the owner of SECRET has signed."""
    address = urlsplit(f"https://{token}")
    query = dict(parse_qsl(address.query))
    signature = query.pop("X-Amz-Signature")
    scope = query["X-Amz-Credential"].split("/", 1)[1]
    date, region, service, end = scope.split("/")
    words = "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
    asked = f"GET\n/\n{words}\nhost:{address.netloc}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    to_sign = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in (date, region, service, end, to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    wanted = ("connect", ROLE, "900", REGION, "rds-db")
    return wanted == (query["Action"], query["DBUser"], query["X-Amz-Expires"], region, service) and (
        key.hex() == signature
    )


@pytest.fixture
def rds(postgres_server: Postgres, tmp_path: Path) -> Iterator[Front]:
    """Before a server that believes the front who somebody is."""
    with psycopg.connect(postgres_server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        hba = postgres_server.data / "pg_hba.conf"
        if ROLE not in hba.read_text():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
            hba.write_text(f"host all {ROLE} 127.0.0.1/32 trust\n{hba.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
    with front(postgres_server.login.port, certificate(tmp_path), is_right) as made:
        yield made


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """This process's credentials."""

    def given(secret: str = SECRET) -> None:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)

    return given


def settings(database: Database, rds: Front, folder: Path) -> Any:
    root = bundle(folder, OURS)
    server = f"localhost:{rds.port}/{database.name}"
    parameters = f"hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}"
    return SimpleNamespace(database_url=f"postgresql://{ROLE}@{server}?{parameters}", database_iam_auth=True)


def test_each_new_connection_logs_in_with_a_token_of_its_own(
    database: Database, rds: Front, tmp_path: Path, variables: Callable[..., None]
) -> None:
    variables()
    engine = open_database(settings(database, rds, tmp_path), pool_size=2, application_name="tokens")
    with autocommit(engine) as one, autocommit(engine) as other:
        for tx in (one, other):
            assert tx.execute(text("SELECT session_user")).scalar() == ROLE
    with autocommit(engine) as tx:  # of the pool
        assert tx.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    with autocommit(engine) as tx:  # a new one
        assert tx.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    assert len(rds.passwords) == 3
    assert all(is_right(token) for token in rds.passwords)


def test_a_refused_login_is_told_without_the_token(
    database: Database,
    rds: Front,
    tmp_path: Path,
    variables: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    variables(secret="of-nobody")
    engine = open_database(settings(database, rds, tmp_path), pool_size=2, application_name="tokens")
    with capture_logs() as logged, pytest.raises(Unavailable) as refused, autocommit(engine):
        pass
    (token,) = rds.passwords
    assert "authentication failed" in logged[0]["reason"]
    chain = (refused.value, refused.value.__cause__, refused.value.__cause__.__cause__)  # type: ignore[union-attr]
    told = f"{logged} {[repr(each) for each in chain]} {capfd.readouterr()} {engine.url}"
    for part in (token, token.rpartition("=")[2]):
        assert part not in told


def test_without_credentials_nothing_is_sent_and_the_reason_is_told(
    database: Database, rds: Front, tmp_path: Path, variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    variables()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    engine = open_database(settings(database, rds, tmp_path), pool_size=2, application_name="tokens")
    with pytest.raises(CloudUnavailable, match="the source of credentials"), autocommit(engine):
        pass
    assert rds.passwords == []
