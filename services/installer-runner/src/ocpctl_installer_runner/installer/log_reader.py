"""The runner's side of the process that reads an installer's output."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import structlog

COMMAND = (sys.executable, "-m", "ocpctl_installer_runner.installer.log_reader_main")
MAX_WAITING = 16  # messages; a process whose messages are not taken waits
MAX_MESSAGE_BYTES = 8 * 2**20

log = structlog.get_logger()


class LogReaderLost(Exception):
    """The process ended before its task did."""

    def __str__(self) -> str:
        return "the process that does it was lost"


class LogReader:
    """One process with one task. It ends with the runner, and by `close`."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        self._messages: queue.Queue[Mapping[str, Any] | None] = queue.Queue(MAX_WAITING)
        self._closed = threading.Event()
        # What it prints on stderr could hold a line that is not redacted.
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise LogReaderLost
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        threading.Thread(target=self._read, daemon=True).start()
        self._send(json.dumps(task))

    @property
    def pid(self) -> int:
        """Of the log reader process."""
        return self._process.pid

    def end(self) -> None:
        """Nothing more will be written to the log."""
        self._send("end")

    def messages(self, seconds: float) -> Iterator[Mapping[str, Any]]:
        """What has come, waiting at most `seconds` for the first. Raises LogReaderLost when no more can come."""
        try:
            message = self._messages.get(timeout=seconds) if seconds else self._messages.get_nowait()
            while True:
                if message is None:
                    raise LogReaderLost
                yield message
                message = self._messages.get_nowait()
        except queue.Empty:
            return

    def close(self) -> None:
        """Kills the process."""
        self._closed.set()
        self._process.kill()
        self._process.wait()

    def _send(self, line: str) -> None:
        try:
            self._stdin.write(line.encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            log.warning("log reader process has ended")

    def _read(self) -> None:
        with self._stdout as messages:
            while (line := messages.readline(MAX_MESSAGE_BYTES)).endswith(b"\n"):
                if not self._put(json.loads(line)):
                    return
        self._put(None)

    def _put(self, message: Mapping[str, Any] | None) -> bool:
        while not self._closed.is_set():
            try:
                self._messages.put(message, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False
