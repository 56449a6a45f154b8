"""`python -m ocpctl_installer_runner [--once]`: works until SIGTERM or Ctrl-C, with `--once` until one job is done."""

import sys
import threading
from collections.abc import Sequence
from functools import partial

from ocpctl_common.service import run

from ocpctl_installer_runner.installer.failure_rules import BadRules
from ocpctl_installer_runner.presence import IdInUse
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.wiring import start, start_once
from ocpctl_installer_runner.work_dir import UnusableWorkDir

NAME, ONCE = "installer-runner", "--once"


def main(words: Sequence[str]) -> int:
    """The exit code: 1 when a runner for one job cannot do its work."""
    if ONCE not in words:
        run(NAME, RunnerSettings, start, words=words)
        return 0
    ended = threading.Event()
    others = [word for word in words if word != ONCE]
    one_job = run(NAME, RunnerSettings, partial(start_once, ended=ended), words=others, stop=ended)
    return one_job.exit_code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (IdInUse, BadRules, UnusableWorkDir) as error:
        sys.exit(str(error))
