"""`python -m …log_reader_main`: reads what an installer writes, beside the runner, so that no lease waits for a log.

On stdin one JSON line says what to do; `end` says that no more will be written. The end of stdin means that the runner
has ended, and this process exits too. On stdout come JSON lines of bounded length. Secrets are written nowhere, only
their mask.
"""

import json
import os
import select
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocpctl_common.telemetry.redaction import Redactor

from ocpctl_installer_runner import archive
from ocpctl_installer_runner.installer import failure_rules
from ocpctl_installer_runner.installer.file_lines import FileLines
from ocpctl_installer_runner.installer.log_reading import LogArchiver, LogWatcher
from ocpctl_installer_runner.installer.redacted_lines import RedactedLines

NICE = 10
POLL_SECONDS = 0.3
MAX_SHOWN_CHARACTERS = 4 * 2**20  # of an attempt that users may see; the rest is only counted
RUNNER_GONE = 3


def send(**message: Any) -> None:
    """One message to the runner; waits while the runner does not read."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class ShownLimit:
    """Passes lines up to a limit of characters, and counts the others."""

    def __init__(self, characters: int, omitted: int) -> None:
        self.characters, self.omitted = characters, omitted

    def within(self, lines: list[str]) -> list[str]:
        """Those of the lines that are still kept."""
        kept = []
        for line in lines:
            self.characters += len(line)
            if self.characters <= MAX_SHOWN_CHARACTERS:
                kept.append(line)
            else:
                self.omitted += 1
        return kept


def follow(task: Mapping[str, Any]) -> None:
    """Sends lines and progress until the runner says `end` and everything is read."""
    watcher = LogWatcher(RedactedLines(Redactor(task["secrets"])))
    pieces = FileLines(Path(task["log"]), task["position"])
    shown = ShownLimit(task["characters"], task["omitted"])
    ending = False
    while True:
        piece = pieces.next_lines()
        if piece is not None:
            visible = watcher.read(piece)
            lines = shown.within(visible.lines) if task["shown"] else []
            state = {"characters": shown.characters, "omitted": shown.omitted}
            send(lines=lines, changes=[asdict(one) for one in visible.changes], position=pieces.position, **state)
        elif ending:
            return
        elif _end_received():
            ending = True


def _end_received() -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
    if not readable:
        return False
    if not os.read(0, 64):
        os._exit(RUNNER_GONE)
    return True


def _exit_with_runner() -> None:
    """Ends the process when the runner is gone, while a task runs that does not read stdin itself."""
    while os.read(0, 64):
        continue
    os._exit(RUNNER_GONE)


def digest(task: Mapping[str, Any]) -> None:
    """Writes the redacted output into a file; sends why the installer failed."""
    rules = failure_rules.load_rules(Path(task["rules"]) if task["rules"] else None)
    evidence = failure_rules.Evidence(rules)
    with Path(task["target"]).open("wb") as target:
        archiver = LogArchiver(RedactedLines(Redactor(task["secrets"])), evidence, target)
        for path in task["paths"]:
            for _ in archiver.add_file(Path(path)):
                continue
        archiver.finish()
    if task["last_record"]:
        evidence.add(task["last_record"])
    failure = failure_rules.classify(rules, evidence, failure_rules.Ended(**task["ended"]))
    send(failure=asdict(failure), omitted=archiver.omitted)


def pack(task: Mapping[str, Any]) -> None:
    """Packs a folder into a file."""
    with Path(task["target"]).open("wb") as target:
        archive.pack_to(Path(task["folder"]), target)


def main() -> None:
    """Does one task."""
    os.nice(NICE)
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            os._exit(RUNNER_GONE)
        line += piece
    task = json.loads(line)
    if task["do"] == "follow":
        follow(task)
    else:
        threading.Thread(target=_exit_with_runner, daemon=True).start()
        {"digest": digest, "pack": pack}[task["do"]](task)
    send(done=True)


if __name__ == "__main__":
    main()
