"""A stack's database: backed up, lost, restored. Its name stays, as the name of a primary does."""

import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ocpctl_local.database.postgres import SUPERUSER
from ocpctl_local.database.programs import binaries
from ocpctl_local.stack import Stack

NAME, LOST = "ocpctl", "ocpctl_lost"
END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def back_up(stack: Stack, path: Path) -> Path:
    """A consistent copy of the running database, made while everybody works."""
    _program("pg_dump", "--format=custom", f"--file={path}", stack.urls["database"])
    return path


def lose(stack: Stack) -> None:
    """Nobody gets to it any more."""
    with _connection(stack) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(NAME)))
        connection.execute(END_OTHERS, [NAME])
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(NAME), sql.Identifier(LOST)))


def restore(stack: Stack, path: Path) -> None:
    """A fresh database from the backup, under the old name when it is whole."""
    fresh = f"{NAME}_restored"
    with _connection(stack) as connection:
        create = sql.SQL("CREATE DATABASE {} OWNER ocpctl_migrator TEMPLATE template0 ENCODING UTF8")
        connection.execute(create.format(sql.Identifier(fresh)))
        url = stack.urls["database"].removesuffix(NAME) + fresh
        _program("pg_restore", "--exit-on-error", f"--dbname={url}", str(path))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(NAME)))


def rows(stack: Stack, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Of the database as it is now."""
    with psycopg.connect(stack.urls["database"]) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def _connection(stack: Stack) -> psycopg.Connection[tuple[Any, ...]]:
    """To the server, not to the database."""
    return psycopg.connect(stack.urls["database"].removesuffix(NAME) + SUPERUSER, autocommit=True)


def _program(name: str, *words: str) -> None:
    subprocess.run((binaries(None) / name, *words), check=True)
