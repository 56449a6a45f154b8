"""What failed for each of several attempts: one must not prevent the others from being cleaned up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from ocpctl_common.errors import Fenced, OcpctlError, Unavailable
from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.teardown.verification import DESTROY

ENDS_RUN = (LeaseLost, Fenced, RunStopped, RunInterrupted)  # these end the run, whatever is still to be done
MAX_CHARACTERS_EACH = 900
MAX_CHARACTERS = 3_000

log = structlog.get_logger()


@dataclass(slots=True)
class CleanupFailures:
    """Failures by attempt, in their order."""

    _collected: dict[str, tuple[str, Exception]] = field(default_factory=dict)

    def __contains__(self, attempt_id: str) -> bool:
        return attempt_id in self._collected

    @contextmanager
    def collected(self, target: CleanupTarget) -> Iterator[None]:
        """Collects whatever fails in the block, except what ends the run."""
        try:
            yield
        except ENDS_RUN:
            raise
        except Exception as error:  # noqa: BLE001 - the next attempt must be cleaned up too; raised at the end
            log.warning("attempt not cleaned up", attempt_id=target.attempt_id, error_type=type(error).__name__)
            self._collected[target.attempt_id] = (target.infra_id, error)

    @contextmanager
    def merged(self) -> Iterator[None]:
        """Takes over the failures that another cleanup raises at its end."""
        try:
            yield
        except ENDS_RUN:
            raise
        except SeveralFailures as several:
            self._collected.update(several.failures)
        except Exception as error:  # noqa: BLE001 - raised at the end
            self._collected[""] = ("", error)

    def raise_if_any(self) -> None:
        """Raises what was collected: one failure as it is but for the attempt's name, several as one."""
        errors = [error for _, error in self._collected.values()]
        if not errors:
            return
        if all(isinstance(error, Unavailable) for error in errors):
            raise errors[0]  # the platform's fault, which uses up nobody's attempts
        if len(errors) == 1 and not isinstance(errors[0], RunFailed):
            raise errors[0]
        raise SeveralFailures(self._collected)


class SeveralFailures(RunFailed):
    """Some attempts are not verified; the sentence names each, bounded in length."""

    def __init__(self, failures: Mapping[str, tuple[str, Exception]]) -> None:
        message = " ".join(_named(attempt_id, infra_id, error) for attempt_id, (infra_id, error) in failures.items())
        failed = [error for _, error in failures.values() if isinstance(error, RunFailed)]
        # What only this runner lacks another one may have: that, and nothing else, hands the job back.
        own = len(failed) == len(failures) and all(error.failure_class == RUNNER for error in failed)
        code, rule = (failed[0].exit_code, failed[0].rule) if failed else (-1, "")
        super().__init__(RUNNER if own else DESTROY, shortened(message, MAX_CHARACTERS), code, rule if own else "")
        self.failures = dict(failures)


def _named(attempt_id: str, infra_id: str, error: Exception) -> str:
    name = f"Attempt {attempt_id} ({infra_id}) is not proven gone: " if attempt_id else ""
    return name + shortened(sentence(error), MAX_CHARACTERS_EACH)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 2]} …"


def sentence(error: Exception) -> str:
    """An error in words for its owner; what is no error of ours or of the cloud is not shown."""
    if isinstance(error, RunFailed | OcpctlError):
        return error.message
    if isinstance(error, OSError):
        return f"The runner's work directory failed: {error.strerror}."
    log.error("unhandled exception in a cleanup", error_type=type(error).__name__, exc_info=error)
    return "An unexpected error of the runner; the operators have a log of it."
