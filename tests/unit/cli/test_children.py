"""Commands that run with a kubeconfig: exit codes as shells tell them, signals, and nothing left."""

import os
import pty
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ocpctl_cli import children
from ocpctl_cli.failures import Exit, Failure

PROGRAM = """
import sys
from ocpctl_cli import children
sys.exit(children.run(["--", sys.executable, "-c", sys.argv[1]], {"GIVEN": "yes"}))
"""
HEARING = "import signal; signal.signal(2, signal.default_int_handler); signal.signal(3, signal.SIG_DFL)\n"
TOLD = (
    "import signal, sys, time; signal.signal({number}, lambda *_: sys.exit(9)); print('up', flush=True); time.sleep(60)"
)


@pytest.mark.parametrize(
    ("program", "code"), [("raise SystemExit(7)", 7), ("", 0), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_code_is_the_commands(program: str, code: int) -> None:
    assert children.run([sys.executable, "-c", program], {}) == code


def test_it_finds_what_it_is_given_beside_what_was_there() -> None:
    program = "import os, sys; sys.exit(os.environ['GIVEN'] != 'yes' or 'PATH' not in os.environ)"
    assert children.run([sys.executable, "-c", program], {"GIVEN": "yes"}) == 0


@pytest.mark.parametrize("words", [["/nowhere/at/all"], ["/"], ["--", "/nowhere"]])
def test_a_command_that_there_is_not_is_told(words: list[str]) -> None:
    with pytest.raises(Failure, match="cannot be run") as told:
        children.run(words, {})
    assert told.value.code is Exit.USAGE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_the_commands(number: signal.Signals) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup` may have begun the tests
    words = [sys.executable, "-c", PROGRAM, TOLD.format(number=int(number))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert process.wait(30) == 9


def test_ctrl_c_is_the_commands_and_its_answer_counts() -> None:
    """A terminal sends it to both: it is not passed on, too."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", HEARING + PROGRAM, TOLD.format(number=2)])  # noqa: S606
    seen = b""
    while b"up" not in seen:
        seen += os.read(terminal, 100)
    os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    os.close(terminal)


def test_what_is_ignored_stays_ignored() -> None:
    """As `nohup` does: whoever closes the terminal ends nothing."""
    ignoring = "import signal; signal.signal(1, signal.SIG_IGN)\n" + PROGRAM
    told = "import os, signal; os.kill(os.getppid(), 1); raise SystemExit(signal.getsignal(1) != signal.SIG_IGN)"
    assert subprocess.run([sys.executable, "-c", ignoring, told], timeout=30, check=False).returncode == 0


def test_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    children.run([sys.executable, "-c", ""], {})
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_kubeconfig_is_its_owners_and_goes() -> None:
    with children.kubeconfig("secret") as path:
        assert path.read_text() == "secret"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not Path(path.parent).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_what_no_terminal_sends_is_passed_on(number: signal.Signals) -> None:
    """A CI agent signals the one process that it knows."""
    told = TOLD.format(number=int(number))
    with subprocess.Popen(
        [sys.executable, "-c", HEARING + PROGRAM, told], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert process.wait(30) == 9


def test_a_command_that_is_deaf_is_killed_at_the_third() -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", HEARING + PROGRAM, deaf], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        assert process.returncode in (128 + signal.SIGKILL, -signal.SIGTERM)  # one more may have come after its end


@pytest.mark.parametrize("words", [["nowhere-at-all"], ["/etc/passwd"], ["--", ""], ["/nowhere"]])
def test_a_command_is_looked_for_before_anything_is_made_for_it(words: list[str]) -> None:
    with pytest.raises(Failure, match="cannot be run") as told:
        children.check(words)
    assert told.value.code is Exit.USAGE
    children.check(["--", "sh"])
