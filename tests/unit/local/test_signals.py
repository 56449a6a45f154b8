"""A supervisor stops when it is asked, wherever it is at that moment."""

import signal
import subprocess
import sys

import pytest

# The handler runs at the next Python line after a signal: here, a line whose exceptions the interpreter drops.
SCRIPT = """
import os, signal, sys, time
from ocpctl_local.supervision import signals
once = iter([signal.Signals(int(sys.argv[1]))])
def hook():
    for number in once:
        os.kill(os.getpid(), number)
        time.sleep(0)
os.register_at_fork(after_in_parent=hook)
try:
    try:
        signals.heed()
        if os.fork() == 0:
            os._exit(0)
        print("dropped", flush=True)
        time.sleep(60)
        print("not stopped")
    finally:
        signals.ignore()
except signals.Stopped:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(1.5 * signals.REPEAT_SECONDS)
    print("stopped once")
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_a_process_is_started_is_not_lost(sign: signal.Signals) -> None:
    command = [sys.executable, "-c", SCRIPT, str(int(sign))]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=50)
    assert (done.stdout.split("\n"), done.returncode) == (["dropped", "stopped once", ""], 0), done.stderr
