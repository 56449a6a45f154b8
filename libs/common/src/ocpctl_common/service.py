"""The life of every service process: settings, logs, traces, start, serve until a signal, stop."""

import sys
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import structlog
from botocore.exceptions import BotoCoreError, NoRegionError

from ocpctl_common.cloud import session
from ocpctl_common.errors import Unavailable
from ocpctl_common.profiles.catalogue import CatalogueError
from ocpctl_common.providers.cloud import UnusableSource
from ocpctl_common.rpc.credentials import BadCertificates
from ocpctl_common.rpc.server import wait_for_signal
from ocpctl_common.settings import ServiceSettings
from ocpctl_common.sigv4.keys import KeyRingInvalid
from ocpctl_common.telemetry import logs, traces

SettingsType = TypeVar("SettingsType", bound=ServiceSettings)
RunningType = TypeVar("RunningType", bound="Running")


class Running(Protocol):
    """A service that works."""

    def stop(self, grace_seconds: float) -> None:
        """Lets running work finish, at most for the grace."""


def run(
    name: str,
    settings_type: type[SettingsType],
    start: Callable[[SettingsType], RunningType],
    *,
    words: Sequence[str] | None = None,
    stop: threading.Event | None = None,
) -> RunningType:
    """Runs a service until SIGTERM, Ctrl-C or `stop`, and returns what has run.

    Wrong settings or surroundings end the process with words for people. `words`: those of the command line that are
    not handled yet.
    """
    settings = settings_type.load(sys.argv[1:] if words is None else words)
    logs.configure(name, settings.log_level)
    traces.configure(f"ocpctl-{name}", settings.otlp_endpoint)
    session.configure(name)
    log = structlog.get_logger()
    if unknown := settings.unknown():
        log.warning("settings that this service does not know", names=unknown)
    running = _started(settings, start)
    log.info("serving")
    wait_for_signal(stop or threading.Event())
    log.info("stopping")
    running.stop(settings.shutdown_seconds)
    return running


def _started(settings: SettingsType, start: Callable[[SettingsType], RunningType]) -> RunningType:
    try:
        return start(settings)
    except BadCertificates as error:
        sys.exit(f"{error} (OCPCTL_TLS_DIR)")
    except OSError as error:
        sys.exit(f"cannot start: {f'{error.filename}: {error.strerror}' if error.filename else error}")
    except NoRegionError:
        sys.exit("cannot start: no region; set AWS_DEFAULT_REGION to that of the queues and the bucket")
    except (CatalogueError, KeyRingInvalid, Unavailable, UnusableSource, BotoCoreError) as error:
        sys.exit(f"cannot start: {error}")
