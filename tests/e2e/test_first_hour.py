"""The first hour of somebody who has just cloned this: what is typed, interrupted, and read."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from ocpctl_local.demo import FOLDER
from ocpctl_local.settings import ROOT

from tests.waiting import moment, wait_for

SHOW = "show:\n\t@echo $$UV_SYSTEM_CERTS\n"


def begin(*words: str | Path, cwd: Path = ROOT) -> "subprocess.Popen[str]":
    """A command as on a terminal's command line, in a group of its own, whose output is read as it comes."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # What runs in the background of a script ignores ^C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def interrupted(process: "subprocess.Popen[str]", after: str) -> list[str]:
    """^C as a terminal sends it, when a line has come: what is said from then on."""
    assert process.stdout
    said = ""
    while after not in (line := process.stdout.readline()):
        said += line
        assert line, said
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=moment(60) - time.monotonic())
    return [line for line in rest.splitlines() if line and " s" not in line[-4:]]


def left(folder: Path) -> list[str]:
    """Processes whose command names something in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "pytest" not in command.split("python", 1)[-1][:20]:
            found.append(command)
    return found


def test_an_interrupted_up_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    process = begin(sys.executable, "-m", "ocpctl_local", "--folder", folder, "up")
    said = interrupted(process, "PostgreSQL")
    assert said == ["stopping what has started; this takes some seconds", "stopped; nothing is left running"]
    assert process.returncode == 130
    wait_for(lambda: not left(folder), what="the end of all processes")


def test_an_interrupted_demo_says_so_at_once() -> None:
    process = begin(sys.executable, "-m", "ocpctl_local.demo")
    said = interrupted(process, "PostgreSQL")
    assert said == ["stopping the stack; this takes some seconds", "stopped; nothing is left running"]
    assert process.returncode == 130
    wait_for(lambda: not left(FOLDER), what="the end of all processes")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile, whose `.venv` is ours."""
    for name in ("Makefile", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return tmp_path


def test_clean_stops_what_runs_first(clone: Path) -> None:
    folder = clone / ".local" / "stack"
    subprocess.run([sys.executable, "-m", "ocpctl_local", "--folder", folder, "up"], check=True, capture_output=True)
    assert len(left(folder)) > 1
    done = subprocess.run(["make", "clean"], cwd=clone, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "nothing is left" in done.stdout
    wait_for(lambda: not left(folder), 10, "the end of its supervisor")
    assert not folder.exists()


def test_clean_removes_nothing_below_what_does_not_stop(clone: Path) -> None:
    """The state that a stack of another release has left is no state that can be read."""
    state = clone / ".local" / "stack" / "state.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    done = subprocess.run(["make", "clean"], cwd=clone, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert state.exists()


def test_installing_shows_its_progress_on_a_terminal_only(clone: Path) -> None:
    planned = ("make", "-n", ".venv/synced", "--always-make")
    assert "--quiet" in subprocess.run(planned, cwd=clone, check=True, capture_output=True, text=True).stdout
    assert "--quiet" not in on_a_terminal(planned, clone)


def on_a_terminal(command: Sequence[str], cwd: Path) -> str:
    ours, theirs = pty.openpty()
    done = subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    os.close(ours)
    return done.stdout


@pytest.mark.parametrize(("given", "used"), [({}, "true"), ({"UV_SYSTEM_CERTS": "false"}, "false")])
def test_uv_trusts_whom_the_machine_trusts(clone: Path, given: dict[str, str], used: str) -> None:
    (clone / "show.mk").write_text(SHOW)
    env = {name: value for name, value in os.environ.items() if name != "UV_SYSTEM_CERTS"} | given
    command = ("make", "-s", "-f", "Makefile", "-f", "show.mk", "show")
    assert subprocess.run(command, cwd=clone, env=env, check=True, capture_output=True, text=True).stdout == f"{used}\n"


TESTS = """
import pathlib, time
def test_first(): assert False
def test_second():
    give_up = time.monotonic() + 30
    while not pathlib.Path(__file__).with_name("go").exists() and time.monotonic() < give_up: time.sleep(0.05)
"""


def test_a_failing_test_is_named_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "test_slow.py").write_text(TESTS)
    words = (
        "-m",
        "pytest",
        "-n",
        "1",
        "-p",
        "tests.conftest",
        "--rootdir",
        tmp_path,
        "-c",
        os.devnull,
        "-o",
        "timeout=60",
        tmp_path,
    )
    process = begin(sys.executable, *words)
    assert process.stdout
    for line in process.stdout:
        if "FAILED" in line and "test_first" in line:
            break
    assert process.poll() is None
    (tmp_path / "go").touch()
    rest, _ = process.communicate(timeout=60)
    assert "1 failed, 1 passed" in rest


def test_the_checks_by_themselves_say_which_stack_they_want(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.faults.check", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "start one with `make up`" in done.stderr
