"""`python -m ocpctl_scheduler`: serves until SIGTERM or Ctrl-C."""

from ocpctl_common.service import run

from ocpctl_scheduler.settings import SchedulerSettings
from ocpctl_scheduler.wiring import start

if __name__ == "__main__":
    run("scheduler", SchedulerSettings, start)
