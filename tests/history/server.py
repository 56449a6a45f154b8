"""A PostgreSQL of its own with the newest schema, tuned as one for a million clusters is; it ends with the block."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpctl_local.database import postgres
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import stop

from tests.conftest import migrate

TUNED = (
    "shared_buffers=2GB",
    "effective_cache_size=6GB",
    "random_page_cost=1.1",
    "maintenance_work_mem=512MB",
    "max_wal_size=8GB",
    "fsync=off",
)


@contextmanager
def running_server(folder: Path) -> Iterator[Postgres]:
    """With roles and the database of the local stack."""
    server = postgres.start(folder / "data", folder / "postgres.log", free_ports(1)[0], *TUNED)
    try:
        postgres.create_roles(server)
        postgres.create_database(server, "ocpctl")
        migrate(server.url("ocpctl_migrator"), "upgrade", "head")
        yield server
    finally:
        stop(server.process, signal.SIGINT, 30)
        remove_data(folder / "data")
