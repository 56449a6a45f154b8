"""`python -m ocpctl_installer_runner`: listens until SIGTERM or Ctrl-C."""

from ocpctl_common.service import run

from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.wiring import start

if __name__ == "__main__":
    run("installer-runner", RunnerSettings, start)
