"""Stores what an installer leaves: its folder, and its redacted log. Says what the log tells about a failure.

A separate process reads and packs it (installer/log_reader_main.py), so that no lease waits for it.
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from ocpctl_common.cloud.artifacts import Stored
from ocpctl_common.telemetry import traces

from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer.failure_rules import Ended, Evidence, Failure, classify
from ocpctl_installer_runner.installer.log_reader import LogReader, LogReaderLost
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.workspace import output_of

DISK_FULL_BYTES = 2**20  # a disk with less than this left counts as full
DISK_FULL_RECORD = 'level=fatal msg="No space left on device"'
TRIES = 3
POLL_SECONDS = 0.5
WELL = Ended(code=0)
NOT_REDACTED = 'time="" level=warning msg="[{name} could not be redacted, so it is not kept]"'

log = structlog.get_logger()


def store_folder(run: Run, name: str, folder: Path) -> Stored:
    """Packs a folder and stores it. Raises LeaseLost, Unavailable, RunFailed."""
    target = run.workspace.path / name
    with traces.span("store the install directory", artifact=name):
        return _stored(run, name, folder, target)


def _stored(run: Run, name: str, folder: Path, target: Path) -> Stored:
    try:
        _read(run, {"do": "pack", "folder": str(folder), "target": str(target)})
    except LogReaderLost as lost:
        check_room(run, folder)
        raise RunFailed("UNKNOWN", f"The install directory could not be packed: {lost}.") from lost
    return run.artifacts.put(name, target, "application/zstd")


def store_log(run: Run, folder: Path, artifact_type: str, name: str, ended: Ended = WELL) -> Failure:
    """Stores the redacted log of an installer run; returns what it says about a failure.

    A log that could not be read is never stored as it is: the user is told, and the run does not fail for it. Raises
    LeaseLost, Fenced, Refused, Unavailable.
    """
    target = run.workspace.path / name
    try:
        failure = Failure(**_read(run, _digest_task(run, folder, target, ended))["failure"])
    except LogReaderLost:
        log.warning("log not stored: it could not be redacted", name=name)
        run.reporter.log.publish([NOT_REDACTED.format(name=name)], 0)
        return _failure_without_log(run, folder, ended)
    run.artifacts.record(run.artifacts.put(name, target, "text/plain"), artifact_type)
    return failure


def check_room(run: Run, folder: Path, code: int = -1) -> None:
    """For what failed without a log: a full disk has no room for one. Raises RunFailed when the disk is full."""
    if _is_full(folder):
        failure = _failure_without_log(run, folder, Ended(code=code))
        raise RunFailed(failure.failure_class, failure.message, code, failure.rule)


def _digest_task(run: Run, folder: Path, target: Path, ended: Ended) -> Mapping[str, Any]:
    own_rules = run.context.settings.failure_rules
    return {
        "do": "digest",
        "paths": [str(folder / LOG_NAME), str(output_of(folder))],
        "target": str(target),
        "secrets": list(run.secrets.values),
        "rules": str(own_rules) if own_rules else "",
        "ended": asdict(ended),
        "last_record": DISK_FULL_RECORD if _is_full(folder) else "",
    }


def _is_full(folder: Path) -> bool:
    """The installer cannot log that the disk is full: its log is on that disk."""
    return shutil.disk_usage(folder).free < DISK_FULL_BYTES


def _failure_without_log(run: Run, folder: Path, ended: Ended) -> Failure:
    evidence = Evidence()
    if _is_full(folder):
        evidence.add(DISK_FULL_RECORD)
    return classify(run.dependencies.rules, evidence, ended)


def _read(run: Run, task: Mapping[str, Any]) -> Mapping[str, Any]:
    """The process's answer to its task, which starts again when the process was lost. Raises LogReaderLost."""
    for tries_left in reversed(range(TRIES)):
        try:
            return _read_once(run, task)
        except LogReaderLost:
            log.warning("log reader process lost", task=task["do"])
            if not tries_left:
                raise
    raise LogReaderLost


def _read_once(run: Run, task: Mapping[str, Any]) -> Mapping[str, Any]:
    reader, answer = LogReader(task), dict[str, Any]()
    try:
        while "done" not in answer:
            run.lease.check()
            for message in reader.messages(POLL_SECONDS):
                answer |= message
                if "done" in answer:
                    break
        return answer
    finally:
        reader.close()
