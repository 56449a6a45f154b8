"""The folder of one run of tests or measurements: everything that the run writes lies there.

It lies in the clone and not in the machine's temp folder. A run removes its folder when it ends. If it was killed, or
if its tests failed, the folder stays until the next run, which removes it.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpctl_local.database.programs import is_reachable, service_account
from ocpctl_local.processes import owned_folder

ROOT = Path(__file__).resolve().parents[1]  # settings.py would import rooms whose files `tests/flips.py` replaces
RUNS = ROOT / ".local" / "runs"


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for this run, removed at its end."""
    folder = make_run_folder()
    try:
        yield folder
    finally:
        owned_folder.remove(folder)


def make_run_folder() -> Path:
    """Makes it the temp folder of this process and of those that it starts; removes the folders of dead runs."""
    runs = _runs()
    runs.mkdir(parents=True, exist_ok=True)
    owned_folder.remove_abandoned(runs, "*")
    folder = runs / f"{os.getpid()}-{secrets.token_hex(2)}"  # short: paths of sockets end at 107 bytes
    owned_folder.make(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    return folder


def _runs() -> Path:
    """Root's PostgreSQL runs as another account, which cannot get to a clone below /root."""
    if service_account() is None or is_reachable(ROOT):
        return RUNS
    return Path(tempfile.gettempdir()) / "ocpctl-runs"
