"""A running stack in the hands of the demo, the tests and the benchmarks."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import urllib3
from ocpctl_client import KeptSession, SignedIn, sign_in

from ocpctl_local import state
from ocpctl_local.moto import aws, identity
from ocpctl_local.processes.children import StackFailed
from ocpctl_local.processes.spawn import die_with_parent
from ocpctl_local.settings import LeaseTimes, Limits, StackSettings
from ocpctl_local.state import StackState
from ocpctl_local.tls import certificates

START_SECONDS = 600.0  # half a minute on a machine that does nothing else
IMAGES = "images"
SESSION_LEFT = timedelta(minutes=20)
STOP_SECONDS = 60.0


class Stack:
    """A stack that is ready. Reads its state anew where it may change (restarted services have new pids)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.urls = self.state.urls
        self._sessions: dict[str, KeptSession] = {}
        self._signing_in = threading.Lock()

    @property
    def state(self) -> StackState:
        """What the supervisor wrote last."""
        current = state.read(self.folder)
        if current is None:
            raise StackFailed(f"no stack in {self.folder}; start one with `make up`")
        return current

    @property
    def url(self) -> str:
        """REST and gRPC."""
        return self.urls["api"]

    def token(self, name: str) -> str:
        """A token of one of the three principals that lives for a while yet."""
        with self._signing_in:
            kept = self._sessions.get(name)
            if kept is None:
                kept = self._sessions[name] = KeptSession(self.url, lambda: self.sign_in(name), left=SESSION_LEFT)
        return kept.token()

    def sign_in(self, name: str) -> SignedIn:
        """A fresh session of one of the three principals."""
        return sign_in(self.url, identity.session(self.folder / "keys", name))

    def tls_dir(self, component: str) -> Path:
        """The folder with a component's certificate."""
        return StackSettings(folder=self.folder).tls_dir(component)

    def rotate_certificates(self, *, new_authority_too: bool = False) -> None:
        """New certificates for all components, which go on."""
        certificates.rotate(self.folder / "tls", new_authority_too=new_authority_too)

    def client(self, service: str) -> Any:
        """A client of the AWS endpoint."""
        return aws.client(self.state.ports["aws"], service)

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> int:
        """Sends a signal to a process of the stack; returns its pid."""
        pid = self.state.pids[name]
        os.kill(pid, sign)
        return pid

    def arm(self, failpoint: str, *names: str) -> dict[str, int]:
        """Starts services again, to die at `failpoint` (ocpctl_common.failpoints), once; returns their new pids."""
        for name in names:
            (self.folder / "failpoints" / name).write_text(failpoint)
        return self.replace(*names)

    def replace(self, *names: str, sign: signal.Signals = signal.SIGKILL) -> dict[str, int]:
        """Ends processes and returns the pids of their successors when they are ready."""
        old = {name: self.kill(name, sign) for name in names}
        deadline = time.monotonic() + START_SECONDS
        while any(self.state.pids[name] == pid or not self._ready(name) for name, pid in old.items()):
            if time.monotonic() > deadline:
                raise StackFailed(f"{', '.join(names)} did not come back")
            time.sleep(0.05)
        return {name: self.state.pids[name] for name in names}

    def _ready(self, name: str) -> bool:
        url = self.state.ready_urls.get(name)
        try:
            return url is None or urllib3.request("GET", url, retries=False, timeout=2).status == 200  # noqa: PLR2004
        except urllib3.exceptions.HTTPError:
            return False

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Switches faults of the AWS endpoint (ocpctl_local.moto.faults); without rules: none."""
        partial = self.folder / "faults.tmp"
        partial.write_text(json.dumps(rules))
        partial.rename(self.folder / "faults.json")

    def knobs(self, cluster: str, **knobs: Any) -> None:
        """How the simulated programs treat one cluster (ocpctl_local.simulator.knobs); none: as all others."""
        for path in (self.folder / "installers").glob("*/simulator.json"):
            document = json.loads(path.read_text())
            document.setdefault("clusters", {})[cluster] = knobs
            partial = path.with_suffix(".tmp")
            partial.write_text(json.dumps(document))
            partial.rename(path)

    def calls(self, account: str = aws.ACCOUNT) -> set[tuple[str, str, str]]:
        """Caller, service and operation of every call so far with an account's credentials (moto.calls)."""
        answer = urllib3.request("GET", f"{self.urls['aws']}/ocpctl/calls", retries=False, timeout=10)
        return {(caller, service, operation) for caller, service, operation, whose in answer.json() if whose == account}

    def show_tags(self) -> None:
        """What the AWS endpoint kept from tag searches (the knob `late_tags`) is to be seen now."""
        urllib3.request("POST", f"{self.urls['aws']}/ocpctl/show-tags", retries=False, timeout=10)


def add_from(parser: argparse.ArgumentParser) -> None:
    """The choice where our services come from."""
    parser.add_argument(
        "--from",
        dest="source",
        choices=("clone", IMAGES),
        default="clone",
        help="what our services run from: this clone, or the images of `make images`",
    )


def launch(settings: StackSettings, *, detached: bool) -> "subprocess.Popen[bytes]":
    """Starts a supervisor. A detached one outlives us; another one ends with us, and its stack with it."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "logs").mkdir(exist_ok=True, mode=0o700)
    document = asdict(settings) | {"folder": str(settings.folder)}
    command = [sys.executable, "-m", "ocpctl_local", "run", "--settings", json.dumps(document)]
    with supervisor_log(settings.folder).open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=None if detached else die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )


def supervisor_log(folder: Path) -> Path:
    """Where the supervisor says what it does."""
    return folder / "logs" / "supervisor.log"


def wait_ready(process: "subprocess.Popen[bytes]", folder: Path) -> Iterator[str]:
    """The supervisor's lines until the stack is ready. Raises StackFailed with its last words."""
    deadline = time.monotonic() + START_SECONDS
    with supervisor_log(folder).open() as log:
        while True:
            ended = process.poll() is not None
            yield from (line.rstrip("\n") for line in log)
            current = state.read(folder)
            if current and current.ready and current.supervisor == process.pid:
                return
            if ended or time.monotonic() > deadline:
                why = "" if ended else f" in {START_SECONDS:.0f} s"
                words = supervisor_log(folder).read_text()[-2000:]
                raise StackFailed(f"the stack did not start{why}; logs: {folder / 'logs'}\n{words}".rstrip())
            time.sleep(0.05)


@contextmanager
def running_stack(settings: StackSettings, *, verbose: bool = False) -> Iterator[Stack]:
    """A stack for the length of the block; nothing of it is left afterwards."""
    process = launch(settings, detached=False)
    try:
        for line in wait_ready(process, settings.folder):
            if verbose:
                print(f"  {line}", flush=True)
        yield Stack(settings.folder)
    except KeyboardInterrupt:
        print("\nstopping the stack; this takes some seconds", flush=True)
        raise
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def parse_settings(document: str) -> StackSettings:
    """The settings that `launch` has sent."""
    raw = json.loads(document)
    return StackSettings(
        **raw
        | {
            "folder": Path(raw["folder"]),
            "times": LeaseTimes(**raw["times"] | {"verification_pauses": tuple(raw["times"]["verification_pauses"])}),
            "limits": Limits(**raw["limits"]),
            "console_origins": tuple(raw["console_origins"]),
            "with_a_role": tuple(raw["with_a_role"]),
        }
    )
