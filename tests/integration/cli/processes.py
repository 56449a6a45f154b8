"""`ocpctl` as a process of its own, against a server that answers as it is told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# Whoever began the tests may ignore some of them.
HEARD = (
    "import signal; [signal.signal(n, signal.SIG_DFL) for n in (1, 15)]; signal.signal(2, signal.default_int_handler)"
)
PROGRAM = f"{HEARD}; from ocpctl_cli.__main__ import main; main()"


def variables(url: str, home: Path) -> dict[str, str]:
    """Nothing of who runs the tests."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "OCPCTL_URL": url, "OCPCTL_TOKEN": "t", **keys}


def begin(words: Sequence[str], env: Mapping[str, str]) -> "subprocess.Popen[str]":
    """In a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def interrupt(process: "subprocess.Popen[str]", *, again_and_again: bool = False) -> tuple[int, str]:
    """^C as a terminal sends it: the exit code and what was said."""
    process.send_signal(signal.SIGINT)
    while again_and_again and process.poll() is None:
        time.sleep(0.002)
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    return process.returncode, err
