"""Idempotency keys: kept until the answer is there, so a call whose answer was lost can be made again once more."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ocpctl_cli import files
from ocpctl_cli.contexts import state_folder
from ocpctl_cli.failures import Exit, Failure

KEPT = timedelta(hours=1)  # the server knows keys for a day; who repeats a call later means another one


@contextmanager
def kept(call: tuple[Any, ...], say: Callable[[str], None]) -> Iterator[str]:
    """The key of a call. A crash, Ctrl-C or a server that is away keeps it for the next time the same is asked."""
    name = hashlib.sha256(json.dumps(call, sort_keys=True).encode()).hexdigest()
    key = _begun(name, say)
    try:
        yield key
    except Failure as failure:
        if failure.code is not Exit.AWAY:
            _ended(name)
        raise
    _ended(name)


def _file() -> Path:
    return state_folder() / "keys.json"


def _begun(name: str, say: Callable[[str], None]) -> str:
    fresh = str(uuid.uuid4())
    now = datetime.now(tz=UTC)
    try:
        with files.changed(_file()) as content:
            for old in [one for one, entry in content.items() if not _is_fresh(entry, now)]:
                del content[old]
            if known := content.get(name):
                say(f"Going on with the same request of {known['at'][11:16]} UTC, whose answer was lost.")
            entry = content.setdefault(name, {"key": fresh, "at": now.isoformat(timespec="seconds")})
            return str(entry["key"])
    except Failure as failure:
        say(f"Note: {failure.message}. If this is cut off, look with `ocpctl list` before you ask again.")
        return fresh


def _is_fresh(entry: Any, now: datetime) -> bool:
    """What another version has written is of no use."""
    try:
        return bool(entry["key"]) and datetime.fromisoformat(entry["at"]) >= now - KEPT
    except (KeyError, TypeError, ValueError):
        return False


def _ended(name: str) -> None:
    try:
        with files.changed(_file()) as content:
            content.pop(name, None)
    except Failure:
        return  # it was told when the call began
