"""What went wrong with each of several attempts, when one must not keep the others from being cleaned up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import Fenced, OcpctlError, Unavailable
from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.teardown.verification import DESTROY

ENDS = (LeaseLost, Fenced, RunStopped, RunInterrupted)  # these end the run, whatever is still to be done
MOST_OF_ONE = 900
MOST_TOLD = 3_000

log = structlog.get_logger()


@dataclass(slots=True)
class Troubles:
    """Keeps failures by attempt, in their order."""

    _kept: dict[str, tuple[str, Exception]] = field(default_factory=dict)

    def __contains__(self, attempt_id: str) -> bool:
        return attempt_id in self._kept

    @contextmanager
    def kept(self, one: pb.DirtyAttempt) -> Iterator[None]:
        """Keeps whatever fails in the block, but for what ends the run."""
        try:
            yield
        except ENDS:
            raise
        except Exception as error:  # noqa: BLE001 - the next attempt must be cleaned up all the same; `tell` tells
            log.warning("attempt not cleaned up", attempt_id=one.attempt_id, error_type=type(error).__name__)
            self._kept[one.attempt_id] = (one.infra_id, error)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Takes over what another one tells at its end."""
        try:
            yield
        except ENDS:
            raise
        except Several as several:
            self._kept.update(several.kept)
        except Exception as error:  # noqa: BLE001 - `tell` tells
            self._kept[""] = ("", error)

    def tell(self) -> None:
        """Raises what was kept: one failure as it is but for the attempt's name, several as one."""
        errors = [error for _, error in self._kept.values()]
        if not errors:
            return
        if all(isinstance(error, Unavailable) for error in errors):
            raise errors[0]  # the platform's fault, which burns nobody's attempts
        if len(errors) == 1 and not isinstance(errors[0], RunFailed):
            raise errors[0]
        raise Several(self._kept)


class Several(RunFailed):
    """Some attempts are not proven gone; the sentence names each, bounded in length."""

    def __init__(self, kept: dict[str, tuple[str, Exception]]) -> None:
        told = " ".join(_told(attempt_id, infra_id, error) for attempt_id, (infra_id, error) in kept.items())
        failed = [error for _, error in kept.values() if isinstance(error, RunFailed)]
        # What only this runner lacks another one may have: that, and nothing else, hands the job back.
        own = len(failed) == len(kept) and all(error.failure_class == RUNNER for error in failed)
        code, rule = (failed[0].exit_code, failed[0].rule) if failed else (-1, "")
        super().__init__(RUNNER if own else DESTROY, shortened(told, MOST_TOLD), code, rule if own else "")
        self.kept = dict(kept)


def _told(attempt_id: str, infra_id: str, error: Exception) -> str:
    name = f"Attempt {attempt_id} ({infra_id}) is not proven gone: " if attempt_id else ""
    return name + shortened(sentence(error), MOST_OF_ONE)


def shortened(text: str, most: int) -> str:
    """At most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def sentence(error: Exception) -> str:
    """An error in words for its owner; what is no error of ours or of the cloud is not shown."""
    if isinstance(error, RunFailed | OcpctlError):
        return error.message
    if isinstance(error, OSError):
        return f"The runner's work directory failed: {error.strerror}."
    log.error("defect in a clean-up", error_type=type(error).__name__, exc_info=error)
    return "An unexpected error of the runner; the operators have a log of it."
