"""`python -m ocpctl_installer_runner`: listens until SIGTERM or Ctrl-C."""

import sys

from ocpctl_common.service import run

from ocpctl_installer_runner.installer.failure_rules import BadRules
from ocpctl_installer_runner.presence import IdInUse
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.wiring import start
from ocpctl_installer_runner.work_dir import UnusableWorkDir

if __name__ == "__main__":
    try:
        run("installer-runner", RunnerSettings, start)
    except (IdInUse, BadRules, UnusableWorkDir) as error:
        sys.exit(str(error))
