"""`python -m ocpctl_scheduler`: serves until SIGTERM or Ctrl-C."""

import structlog
from ocpctl_common.rpc.server import wait_for_signal
from ocpctl_common.telemetry import logs, traces

from ocpctl_scheduler.settings import SchedulerSettings
from ocpctl_scheduler.wiring import start

SERVICE = "scheduler"


def main() -> None:
    """Runs the service."""
    settings = SchedulerSettings.load()
    logs.configure(SERVICE, settings.log_level)
    traces.configure(f"ocpctl-{SERVICE}", settings.otlp_endpoint)
    scheduler = start(settings)
    log = structlog.get_logger()
    log.info("serving", address=scheduler.server.address)
    wait_for_signal()
    log.info("stopping")
    scheduler.stop(settings.shutdown_seconds)


if __name__ == "__main__":
    main()
