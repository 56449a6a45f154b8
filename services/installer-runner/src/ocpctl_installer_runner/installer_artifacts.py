"""Keeps what an installer leaves: its folder, and its redacted log with what that says about a failure.

A process of its own reads and writes it (installer/log_reader_main.py), so that no lease waits for it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from ocpctl_common.cloud.artifacts import Stored

from ocpctl_installer_runner.attempt import Attempt, output_of
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer.failure_rules import Evidence, Failure, classify
from ocpctl_installer_runner.installer.log_reader import Digesting, DigestLost
from ocpctl_installer_runner.installer.log_stages import LOG_NAME

FULL_BYTES = 2**20  # what failed with less than this left has failed for it
DISK_FULL = 'level=fatal msg="No space left on device"'
TRIES = 3
LOOK_SECONDS = 0.5
NOT_READ = 'time="" level=warning msg="[{name} could not be redacted, so it is not kept]"'

log = structlog.get_logger()


def keep_folder(attempt: Attempt, name: str, folder: Path) -> Stored:
    """Packs a folder and puts it. Raises LeaseLost, Unavailable, RunFailed."""
    target = attempt.folder / name
    try:
        _done(attempt, {"do": "pack", "folder": str(folder), "target": str(target)})
    except DigestLost as lost:
        check_room(attempt, folder)
        raise RunFailed("UNKNOWN", f"The install directory could not be packed: {lost}.") from lost
    return attempt.store(name, target, "application/zstd")


def keep_log(attempt: Attempt, folder: Path, artifact_type: str, name: str, code: int = 0) -> Failure:
    """Puts the redacted log of an installer run; returns what it says about a failure.

    A log that could not be read is told, and no reason to fail: it is never put as it is. Raises LeaseLost, Fenced,
    Refused, Unavailable.
    """
    target, own = attempt.folder / name, attempt.tools.settings.failure_rules
    task = {
        "do": "digest",
        "paths": [str(folder / LOG_NAME), str(output_of(folder))],
        "target": str(target),
        "secrets": list(attempt.secrets),
        "rules": str(own) if own else "",
        "code": code,
        "last_record": DISK_FULL if _is_full(folder) else "",
    }
    try:
        failure = Failure(**_done(attempt, task)["failure"])
    except DigestLost:
        log.warning("the log could not be redacted and is not kept", name=name)
        attempt.show_log([NOT_READ.format(name=name)], 0)
        return _without_log(attempt, folder, code)
    attempt.record(attempt.store(name, target, "text/plain"), artifact_type)
    return failure


def check_room(attempt: Attempt, folder: Path, code: int = -1) -> None:
    """For what failed without saying why: a full disk takes the words away too. Raises RunFailed when it is full."""
    if _is_full(folder):
        failure = _without_log(attempt, folder, code)
        raise RunFailed(failure.failure_class, failure.message, code, failure.rule)


def _is_full(folder: Path) -> bool:
    """The installer could not write down that the disk is full: its log is on that disk."""
    return shutil.disk_usage(folder).free < FULL_BYTES


def _without_log(attempt: Attempt, folder: Path, code: int) -> Failure:
    evidence = Evidence()
    if _is_full(folder):
        evidence.add(DISK_FULL)
    return classify(attempt.tools.rules, evidence, code)


def _done(attempt: Attempt, task: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the process says of its task, which is begun again when the process was lost. Raises DigestLost."""
    for left in reversed(range(TRIES)):
        try:
            return _done_once(attempt, task)
        except DigestLost:
            log.warning("the process that reads the log was lost", task=task["do"])
            if not left:
                raise
    raise DigestLost


def _done_once(attempt: Attempt, task: Mapping[str, Any]) -> Mapping[str, Any]:
    digesting, said = Digesting(task), dict[str, Any]()
    try:
        while "done" not in said:
            attempt.lease.check()
            for message in digesting.messages(LOOK_SECONDS):
                said |= message
                if "done" in said:
                    break
        return said
    finally:
        digesting.close()
