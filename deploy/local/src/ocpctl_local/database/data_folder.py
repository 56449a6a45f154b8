"""Where PostgreSQL's data lies."""

import os
import pwd
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path


def _data_path(folder: Path) -> Path:
    """Where the data lies; root's PostgreSQL runs as another account, which may not reach `folder`."""
    if os.getuid() != 0:
        return folder
    digest = sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ocpctl-data-{digest}"


def data_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """An empty folder that belongs to the account."""
    remove_data(folder)
    path = _data_path(folder)
    path.mkdir(parents=True, mode=0o700)
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def remove_data(folder: Path) -> None:
    """Deletes what `start` made for `folder`."""
    shutil.rmtree(_data_path(folder), ignore_errors=True)
