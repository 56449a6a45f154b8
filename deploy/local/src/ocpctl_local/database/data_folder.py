"""Where PostgreSQL's data lies: in the folder that is named, or in the temp folder if its account cannot get there."""

import os
import pwd
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

from ocpctl_local.database.programs import is_reachable, service_account
from ocpctl_local.processes import owned_folder

PREFIX = "ocpctl-database-"


def make_data_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """An empty folder `data` that belongs to the account. Nothing else lies beside it."""
    remove_data(folder)
    place = _place(folder)
    if place == folder:
        place.mkdir(parents=True, mode=0o711)
    else:
        owned_folder.remove_abandoned(place.parent, f"{PREFIX}*")
        owned_folder.make(place)
    data = place / "data"
    data.mkdir(mode=0o700)
    if account is not None:
        os.chown(data, account.pw_uid, account.pw_gid)
    return data


def remove_data(folder: Path) -> None:
    """Deletes what `make_data_folder` made for `folder`."""
    shutil.rmtree(_place(folder), ignore_errors=True)


def _place(folder: Path) -> Path:
    """Root's PostgreSQL runs as another account, which may not reach `folder`, such as one below /root."""
    if service_account() is None or is_reachable(folder.parent):
        return folder
    digest = sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"{PREFIX}{digest}"
