"""`sslmode=verify-full`: who is no server of ours gets no login, and the log says why.

The PostgreSQL is a real one. It was built without TLS, so a front speaks TLS for it (tls_front); libpq checks it as any
other server.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from ocpctl_common.errors import Unavailable
from ocpctl_common.store.engine import autocommit, make_engine
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.tls.authority import SERVER, Authority, CertificateRequest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.conftest import Database
from tests.integration.store.tls_front import Front, front

OURS, OTHERS = Authority.new("the database's authority"), Authority.new("somebody else's authority")


def certificate(folder: Path, authority: Authority = OURS, name: str = "localhost", minutes: int = 60) -> Path:
    """A file with a server's certificate and key."""
    file = folder / "server.pem"
    request = CertificateRequest(
        name=name, usages=(SERVER,), alternatives=(x509.DNSName(name),), life=timedelta(minutes=minutes)
    )
    file.write_bytes(b"".join(authority.issue(request)))
    return file


def bundle(folder: Path, *authorities: Authority) -> Path:
    file = folder / "authorities.pem"
    file.write_bytes(b"".join(each.pem() for each in authorities))
    return file


def url(database: Database, port: int, root: Path, role: str = "ocpctl_reader") -> str:
    """Of the front, by the server's name."""
    login = database.url(role).rpartition("@")[0]
    return f"{login}@localhost:{port}/{database.name}?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}"


@pytest.fixture
def tls_server(postgres_server: Postgres, tmp_path: Path) -> Iterator[Front]:
    """With a good certificate."""
    with front(postgres_server.login.port, certificate(tmp_path)) as made:
        yield made


def ask(address: str) -> str:
    engine = make_engine(address, pool_size=1, application_name="tls")
    try:
        with autocommit(engine) as tx:
            in_use = tx.connection.driver_connection.pgconn.ssl_in_use  # type: ignore[union-attr]
            return f"{tx.execute(text('SELECT session_user')).scalar()} {in_use}"
    finally:
        engine.dispose()


def refusal(address: str) -> str:
    """What the log says of it; the caller is told nothing of addresses and certificates."""
    with capture_logs() as logged, pytest.raises(Unavailable, match="the database does not answer or is busy"):
        ask(address)
    (line,) = logged
    assert (line["event"], line["log_level"]) == ("no database connection", "warning")
    return str(line["reason"])


def test_a_server_with_our_authority_and_its_name_is_used_with_tls(
    database: Database, tls_server: Front, tmp_path: Path
) -> None:
    assert ask(url(database, tls_server.port, bundle(tmp_path, OURS))) == "ocpctl_reader True"


def test_an_authority_may_be_replaced_by_a_bundle_of_both(
    database: Database, tls_server: Front, tmp_path: Path
) -> None:
    assert ask(url(database, tls_server.port, bundle(tmp_path, OTHERS, OURS))) == "ocpctl_reader True"


def test_another_authority_is_refused(database: Database, tls_server: Front, tmp_path: Path) -> None:
    address = url(database, tls_server.port, bundle(tmp_path, OTHERS))
    said = refusal(address)
    assert "certificate verify failed" in said
    assert database.url().split(":")[2].split("@")[0] not in said, "the password"


def test_another_host_name_is_refused(database: Database, postgres_server: Postgres, tmp_path: Path) -> None:
    with front(postgres_server.login.port, certificate(tmp_path, name="other.example")) as made:
        said = refusal(url(database, made.port, bundle(tmp_path, OURS)))
    assert 'server certificate for "other.example" does not match host name "localhost"' in said


def test_a_certificate_that_is_over_is_refused(database: Database, postgres_server: Postgres, tmp_path: Path) -> None:
    with front(postgres_server.login.port, certificate(tmp_path, minutes=-1)) as made:
        assert "certificate verify failed" in refusal(url(database, made.port, bundle(tmp_path, OURS)))


def test_a_server_without_tls_is_refused(database: Database, postgres_server: Postgres, tmp_path: Path) -> None:
    with front(postgres_server.login.port) as made:
        said = refusal(url(database, made.port, bundle(tmp_path, OURS)))
    assert "server does not support SSL, but SSL was required" in said


def test_a_missing_file_of_authorities_is_named(database: Database, tls_server: Front, tmp_path: Path) -> None:
    said = refusal(url(database, tls_server.port, tmp_path / "missing.pem"))
    assert f'root certificate file "{tmp_path / "missing.pem"}" does not exist' in said
