"""`python -m tests.faults.run_kills`: `ocpctl run` loses its life, its parent or its network; nothing is left.

Every cluster must be DESTROYED within its keepalive and what a destroy takes, and a command that lived to its end must
have had its exit code come out.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ocpctl_cli.failures import Exit
from ocpctl_local.client import Client
from ocpctl_local.command_line import PROGRAM
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.e2e.command_line import Shell
from tests.faults.outsider import Line
from tests.run_folder import make_run_folder
from tests.waiting import slowness

KEEP_ALIVE = 30
COMMAND_SECONDS, COMMAND_CODE = 4.0, 23
LATEST_SECONDS = 30.0  # of a run: an install, the command and the request to destroy take less on an idle machine
DESTROY_SECONDS = 60.0
SWEEP_SECONDS = 2.0


class Hurt(StrEnum):
    """What is lost."""

    CLIENT = "client"  # SIGKILL
    GROUP = "client and its command"
    PARENT = "parent"
    NETWORK = "network"
    NOTHING = "nothing"


# Of a client that lived: the command's, or that the server was away, or the cluster gone, before it could begin.
CODES = {Hurt.NOTHING: (COMMAND_CODE,), Hurt.NETWORK: (COMMAND_CODE, Exit.JOB_FAILED, Exit.AWAY)}


@dataclass(slots=True, kw_only=True)
class Life:
    """One run and what came of it."""

    name: str
    hurt: Hurt
    after: float
    wrong: list[str] = field(default_factory=list)


def plan(seed: int, kills: int) -> list[Life]:
    """Every way of losing, in random order and at random moments."""
    rng = random.Random(seed)
    ways = [list(Hurt)[number % len(Hurt)] for number in range(kills)]
    rng.shuffle(ways)
    return [
        Life(name=f"run-{number:03d}", hurt=way, after=rng.uniform(0.2, LATEST_SECONDS))
        for number, way in enumerate(ways)
    ]


def play(stack: Stack, lives: Sequence[Life], *, at_once: int, folder: Path, show: Callable[[str], None]) -> None:
    """All of them; what is wrong is in the lives."""
    home = folder / "home"
    home.mkdir()
    Shell(stack=stack, home=home).run("login", "--profile", "requester")
    done = Counter[str]()
    lock, stop = threading.Lock(), threading.Event()

    def one(life: Life) -> None:
        if not stop.is_set():
            _live(stack, life, home, stop)
        with lock:
            done[life.hurt] += 1
            show(f"  {sum(done.values())} of {len(lives)}: {life.name} lost its {life.hurt} after {life.after:.1f} s")

    with ThreadPoolExecutor(at_once) as pool:
        try:
            list(pool.map(one, lives))
        finally:
            stop.set()  # after Ctrl-C what runs ends at once


def _live(stack: Stack, life: Life, home: Path, stop: threading.Event) -> None:
    line = Line(stack.url.removeprefix("http://"))
    more = {"OCPCTL_URL": f"http://{line.address}", "OCPCTL_TOKEN": stack.token("requester")}
    process = _started(Shell(stack=stack, home=home, more=more), life)
    try:
        _until_ended(process, life.after, stop)
        if process.poll() is None:
            _hurt(life, process, line)
        else:
            life.hurt = Hurt.NOTHING
        _judge(stack, life, process, stop)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _until_ended(process: "subprocess.Popen[bytes]", seconds: float, stop: threading.Event) -> None:
    give_up = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < give_up and not stop.wait(0.05):
        continue


def _started(shell: Shell, life: Life) -> "subprocess.Popen[bytes]":
    words = [str(PROGRAM), "run", "--name", life.name, "-p", "aws-minimal-test", "--owner", "me@example.com"]
    words += ["--team", "team-a"]
    words += ["--cost-center", "sandbox", "--base-domain", "labs.example.com", "--keep-alive", f"{KEEP_ALIVE}s"]
    words += ["--", "sh", "-c", f"sleep {COMMAND_SECONDS}; exit {COMMAND_CODE}"]
    if life.hurt is Hurt.PARENT:  # what `run` is a child of, as the shell of a pipeline's job
        words = ["sh", "-c", '"$@"; code=$?; exit $code', "sh", *words]
    return subprocess.Popen(
        words, env=shell.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _hurt(life: Life, process: "subprocess.Popen[bytes]", line: Line) -> None:
    match life.hurt:
        case Hurt.CLIENT | Hurt.PARENT:
            process.kill()
        case Hurt.GROUP:
            os.killpg(process.pid, signal.SIGKILL)
        case Hurt.NETWORK:
            line.cut |= {"requests", "replies"}
        case Hurt.NOTHING:
            return


def _judge(stack: Stack, life: Life, process: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
    client = Client(stack)
    bound = (KEEP_ALIVE + DESTROY_SECONDS + SWEEP_SECONDS + LATEST_SECONDS) * slowness()
    give_up = time.monotonic() + bound
    while left := _alive(client, life.name):
        if time.monotonic() > give_up:
            life.wrong.append(f"{life.name} lost its {life.hurt}, and {bound:.0f} s later it is {left}")
            return
        if stop.wait(0.5):
            return
    _until_ended(process, bound, stop)
    expected = CODES.get(life.hurt)
    if not stop.is_set() and expected and process.poll() not in expected:
        life.wrong.append(f"{life.name} lost its {life.hurt}: exit code {process.poll()}, not {expected}")


def _alive(client: Client, name: str) -> str:
    """The status of the cluster that is there; empty: none, or it is gone."""
    found = client.call("GET", f"/clusters?name={name}").body.get("clusters", [])
    return ", ".join(one["status"] for one in found if one["status"] != "DESTROYED")


def settings(folder: Path) -> StackSettings:
    """Two runners; installs take as long as ten seconds."""
    default = {"time_scale": 0.7, "print_secrets": True, "journal": str(folder / "journal.jsonl")}
    return StackSettings(folder=folder, runners=2, knobs={"default": default}, limits=UNLIMITED)


def main() -> None:
    """Ends with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.run_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    folder = make_run_folder()
    with running_stack(settings(folder)) as stack:
        lives = plan(words.seed, words.kills)
        play(stack, lives, at_once=8, folder=folder, show=lambda line: print(line, flush=True))
    wrong = [one for life in lives for one in life.wrong]
    print(json.dumps({"lives": len(lives), "wrong": wrong}, indent=1))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
