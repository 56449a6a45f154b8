"""`python -m ocpctl_janitor`: sweeps until SIGTERM or Ctrl-C."""

from ocpctl_common.service import run

from ocpctl_janitor.sweeps import Settings
from ocpctl_janitor.wiring import start

if __name__ == "__main__":
    run("janitor", Settings, start)
