"""Files of the command line: whole or not at all, one writer at a time, secrets for their owner alone."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocpctl_cli.failures import Exit, Failure

LOCK_SECONDS = 30
NO_PLACE = "Set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to folders of your own"


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is no file. Raises Failure when it is no JSON object."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except IsADirectoryError as error:
        raise Failure(Exit.FAILED, f"{path} is a folder", f"Move it away: mv {path} {path}.old") from error
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path} cannot be read: {error.strerror}", NO_PLACE) from error
    except (ValueError, RecursionError) as error:
        raise broken(path, str(error)) from error
    if not isinstance(found, dict):
        raise broken(path, "it is no JSON object")
    return found


def broken(path: Path, why: str) -> Failure:
    """Of a file that only this program writes."""
    return Failure(Exit.FAILED, f"{path} cannot be read: {why}", f"Mend it, or remove it: rm {path}")


@contextmanager
def changed(path: Path) -> Iterator[dict[str, Any]]:
    """The object to change; it is written when the block ends without an error. Raises Failure."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - few commands write

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS, mode=0o600):
            content = read(path)
            yield content
            write(path, json.dumps(content, indent=1) + "\n")
    except Timeout as error:
        raise Failure(Exit.FAILED, f"{path} is being changed by another process since {LOCK_SECONDS} s") from error
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path} cannot be written: {error.strerror}", NO_PLACE) from error


def write(path: Path, text: str) -> None:
    """Replaces the file in one step; only its owner may read it. A link stays, and what it points to is replaced.

    Raises OSError, also for what is no regular file: root would make one of /dev/null.
    """
    target = replaceable(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replaceable(path: Path) -> Path:
    """Where it points to. Raises OSError unless that is a regular file, or not there."""
    try:
        target = path.resolve()
    except RuntimeError as error:
        raise OSError(errno.ELOOP, "it is a link to itself", str(path)) from error
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is no regular file", str(target))
    return target
