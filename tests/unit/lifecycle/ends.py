"""What follows the end of an attempt, in words: shared by the tables."""

from dataclasses import replace
from typing import Any

from ocpctl_common.lifecycle.retries import AttemptEnd, after_attempt
from ocpctl_common.lifecycle.states import JobType, Outcome

AGAIN, END = "TO_BE_RETRIED", "GIVEN_UP"
FIRST = AttemptEnd(
    job_type=JobType.CREATE,
    outcome=Outcome.FAILED,
    failure_class="BOOTSTRAP",
    cancel_requested=False,
    given_up=False,
    needing_cleanup=0,
    attempts=1,
    max_attempts=3,
    lost_attempts=0,
    cleanup_runs=0,
)


def after(**facts: Any) -> tuple[str, str | None, float, bool]:
    """Job event, cluster event, pause in units, whether the create is given up."""
    verdict = after_attempt(replace(FIRST, **facts))
    return verdict.job_event, verdict.cluster_event, verdict.pause_units, verdict.give_up
