"""What people install are wheels: they work without a checkout, and say what is wrong with what they are given."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import SUPERUSER, Postgres
from ocpctl_local.settings import ROOT
from ocpctl_local.tls import certificates


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheels hold."""
    folder = tmp_path_factory.mktemp("wheels")
    for member in ("migrations", "deploy/envoy"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT / member, check=True, capture_output=True)
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(site: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A program of the wheels, started where nothing of ours is."""
    env = {**os.environ, "PYTHONPATH": str(site)} | {f"OCPCTL_{name}": value for name, value in settings.items()}
    return subprocess.run([sys.executable, "-m", *words], cwd="/", env=env, capture_output=True, text=True, check=False)


def test_migrations(site: Path, postgres_server: Postgres) -> None:
    postgres.create_database(postgres_server, "from_wheels")
    url = postgres_server.url("ocpctl_migrator", "from_wheels")
    done = run(site, "ocpctl_migrations", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert "(head)" in run(site, "ocpctl_migrations", "current", DATABASE_URL=url).stdout
    assert "CREATE ROLE ocpctl_reader LOGIN;" in run(site, "ocpctl_migrations", "roles").stdout


def test_databases_that_cannot_be_used(site: Path, postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE ascii OWNER ocpctl_migrator ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0"
        )
    for url, sentence in {
        postgres_server.url("ocpctl_migrator", "ascii"): "make one with ENCODING 'UTF8' TEMPLATE template0",
        postgres_server.url("ocpctl_migrator", "none"): 'database "none" does not exist',
        postgres_server.url("ocpctl_migrator", ""): "that names the database: postgresql://host:port/name",
        "mysql://a@127.0.0.1:1/b": "of the role ocpctl_migrator, not mysql://",
        "postgres://a@127.0.0.1:1/b": "of the role ocpctl_migrator, not postgres://",
        "what": "the database of OCPCTL_DATABASE_URL cannot be used",
        "": "set OCPCTL_DATABASE_URL to a postgresql:// URL of the role ocpctl_migrator",
    }.items():
        done = run(site, "ocpctl_migrations", DATABASE_URL=url)
        assert (done.returncode, "Traceback" in done.stderr, sentence in done.stderr) == (1, False, True), done.stderr


def test_a_database_of_somebody_else(site: Path, postgres_server: Postgres) -> None:
    postgres.create_database(postgres_server, "taken")
    url = postgres_server.url("ocpctl_migrator", "taken")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE clusters (id int)")
    done = run(site, "ocpctl_migrations", DATABASE_URL=url)
    told = "the database taken has tables that are not ocpctl's (clusters); give ocpctl one of its own\n"
    assert (done.returncode, done.stderr) == (1, told)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)


def test_what_envoy_starts_from_names_no_checkout(site: Path, tmp_path: Path) -> None:
    certificates.make(tmp_path / "tls")
    settings = {
        "ENVOY_DIR": str(tmp_path / "envoy"),
        "TLS_DIR": str(tmp_path / "tls" / "envoy"),
        "AUDIENCE": "https://ocpctl.example",
    }
    done = run(site, "ocpctl_envoy", GATEWAYS='["api-gateway:7010"]', **settings)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "envoy" / "envoy.yaml").read_text()
    assert [part for part in (str(ROOT), str(site)) if part in text] == []
    done = run(site, "ocpctl_envoy", **settings)
    assert (done.returncode, "OCPCTL_GATEWAYS: Field required" in done.stderr) == (1, True)
