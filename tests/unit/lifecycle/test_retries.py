"""What follows the end of an attempt."""

from dataclasses import replace
from datetime import timedelta

import pytest
from ocpctl_common.lifecycle.retries import RUNNER, AttemptEnd, after_attempt, lease_deadline, pause, run_deadline
from ocpctl_common.lifecycle.states import JobType, Outcome, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent

FAILED = AttemptEnd(
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


def test_success_makes_the_cluster_ready() -> None:
    verdict = after_attempt(replace(FAILED, outcome=Outcome.SUCCEEDED, needing_cleanup=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.SUCCEEDED, ClusterEvent.INSTALL_SUCCEEDED)


@pytest.mark.parametrize(
    ("failure_class", "attempts", "again"),
    [
        ("CONFIG", 1, False),
        ("AUTH", 1, False),
        ("QUOTA", 1, False),
        ("CAPACITY", 2, True),
        ("CAPACITY", 3, False),
        ("BOOTSTRAP", 1, True),
        ("BOOTSTRAP", 2, False),
        ("NEVER_HEARD_OF", 1, True),
        ("NEVER_HEARD_OF", 2, False),
    ],
)
def test_the_failure_class_decides_about_retries(failure_class: str, attempts: int, *, again: bool) -> None:
    verdict = after_attempt(replace(FAILED, failure_class=failure_class, attempts=attempts))
    expected = JobEvent.TO_BE_RETRIED if again else JobEvent.GIVEN_UP
    assert verdict.job_event is expected


def test_a_last_failure_with_resources_is_cleaned_up_before_the_job_ends() -> None:
    verdict = after_attempt(replace(FAILED, failure_class="QUOTA", needing_cleanup=1))
    assert (verdict.job_event, verdict.give_up, verdict.cluster_event) == (JobEvent.TO_BE_RETRIED, True, None)


def test_after_too_many_cleanups_a_person_is_needed() -> None:
    verdict = after_attempt(replace(FAILED, given_up=True, needing_cleanup=1, cleanup_runs=5))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.GIVEN_UP, ClusterEvent.INSTALL_GIVEN_UP)


def test_a_finished_cleanup_ends_a_given_up_create() -> None:
    verdict = after_attempt(replace(FAILED, outcome=Outcome.SUCCEEDED, given_up=True, cleanup_runs=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.GIVEN_UP, ClusterEvent.INSTALL_GIVEN_UP)


def test_lost_runners_do_not_burn_the_users_attempts() -> None:
    lost = replace(FAILED, outcome=Outcome.LEASE_LOST, failure_class="", attempts=3, lost_attempts=3, needing_cleanup=1)
    assert after_attempt(lost).job_event is JobEvent.TO_BE_RETRIED
    assert not after_attempt(lost).give_up
    too_many = replace(lost, attempts=4, lost_attempts=4)
    assert after_attempt(too_many).give_up


def test_a_runners_own_fault_burns_nothing_however_often_it_comes() -> None:
    own = replace(FAILED, failure_class=RUNNER, attempts=50, lost_attempts=50, handed_back=50)
    verdict = after_attempt(own)
    assert (verdict.job_event, verdict.give_up, verdict.pause_units) == (JobEvent.TO_BE_RETRIED, False, 5)
    assert after_attempt(replace(own, handed_back=1)).pause_units == 1
    then = replace(own, attempts=51, failure_class="BOOTSTRAP")
    assert after_attempt(then).job_event is JobEvent.TO_BE_RETRIED, "the first failure that is not a runner's"
    assert after_attempt(replace(then, attempts=52)).job_event is JobEvent.GIVEN_UP
    lost = replace(own, outcome=Outcome.LEASE_LOST, failure_class="", attempts=53, lost_attempts=53)
    assert after_attempt(lost).job_event is JobEvent.TO_BE_RETRIED
    assert after_attempt(replace(lost, attempts=54, lost_attempts=54)).give_up
    assert after_attempt(replace(own, cancel_requested=True)).job_event is JobEvent.CANCELLED


def test_clean_ups_that_are_handed_back_do_not_count() -> None:
    given_up = replace(FAILED, given_up=True, failure_class=RUNNER, cleanup_runs=50, handed_back=50, needing_cleanup=1)
    assert after_attempt(given_up).job_event is JobEvent.TO_BE_RETRIED
    then = replace(given_up, failure_class="DESTROY", cleanup_runs=54)
    assert after_attempt(then).job_event is JobEvent.TO_BE_RETRIED
    assert after_attempt(replace(then, cleanup_runs=55)).job_event is JobEvent.GIVEN_UP


def test_a_scaling_that_is_handed_back_is_done_by_another_runner() -> None:
    scaling = replace(FAILED, job_type=JobType.SCALE_WORKERS, failure_class=RUNNER, handed_back=9, lost_attempts=9)
    assert after_attempt(scaling).job_event is JobEvent.TO_BE_RETRIED
    assert after_attempt(replace(scaling, failure_class="SCALE")).job_event is JobEvent.GIVEN_UP


def test_a_destroy_that_is_handed_back_does_not_pause_for_hours() -> None:
    destroy = replace(FAILED, job_type=JobType.DESTROY, failure_class=RUNNER, cleanup_runs=30, needing_cleanup=1)
    assert after_attempt(destroy).pause_units == 5
    assert after_attempt(replace(destroy, failure_class="DESTROY")).pause_units == 240


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_cancelled_create_ends_whatever_its_outcome(outcome: Outcome) -> None:
    verdict = after_attempt(replace(FAILED, outcome=outcome, cancel_requested=True, needing_cleanup=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.CANCELLED, None)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.SUCCEEDED])
def test_a_destroy_is_never_given_up(outcome: Outcome) -> None:
    end = replace(FAILED, job_type=JobType.DESTROY, outcome=outcome, needing_cleanup=1, cleanup_runs=100)
    assert after_attempt(end).job_event is JobEvent.TO_BE_RETRIED


def test_a_destroy_that_leaves_an_attempt_that_needs_cleanup_is_not_proven() -> None:
    end = replace(FAILED, job_type=JobType.JANITOR_DESTROY, outcome=Outcome.SUCCEEDED, needing_cleanup=1)
    assert after_attempt(end).job_event is JobEvent.TO_BE_RETRIED
    assert after_attempt(replace(end, needing_cleanup=0)).cluster_event is ClusterEvent.DESTROY_PROVEN


def test_a_sweep_ends_and_proves_again_what_it_had_reopened() -> None:
    end = replace(FAILED, job_type=JobType.ORPHAN_SWEEP, outcome=Outcome.SUCCEEDED)
    assert after_attempt(replace(end, needing_cleanup=1)).cluster_event is None  # a cluster that lives
    assert after_attempt(replace(end, destroying=True)).cluster_event is ClusterEvent.DESTROY_PROVEN
    left = after_attempt(replace(end, destroying=True, needing_cleanup=1))
    assert (left.job_event, left.cluster_event) == (JobEvent.TO_BE_RETRIED, None)
    assert after_attempt(replace(end, needing_cleanup=2, remains=1)).job_event is JobEvent.TO_BE_RETRIED
    assert after_attempt(replace(end, outcome=Outcome.FAILED)).job_event is JobEvent.TO_BE_RETRIED


SCALED = replace(FAILED, job_type=JobType.SCALE_WORKERS, failure_class="SCALE", max_attempts=1)


def test_scaled_workers_make_the_cluster_ready() -> None:
    """What needs cleanup is in use: it demands nothing."""
    verdict = after_attempt(replace(SCALED, outcome=Outcome.SUCCEEDED, needing_cleanup=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.SUCCEEDED, ClusterEvent.WORKERS_SCALED)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_a_failed_scaling_ends_and_the_cluster_works(outcome: Outcome) -> None:
    verdict = after_attempt(replace(SCALED, outcome=outcome, needing_cleanup=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.GIVEN_UP, ClusterEvent.SCALE_GIVEN_UP)


@pytest.mark.parametrize("outcome", [Outcome.LEASE_LOST, Outcome.INTERRUPTED])
def test_a_scaling_whose_runner_was_lost_is_done_again_a_few_times(outcome: Outcome) -> None:
    lost = replace(SCALED, outcome=outcome, attempts=3, lost_attempts=3, needing_cleanup=1)
    assert (after_attempt(lost).job_event, after_attempt(lost).cluster_event) == (JobEvent.TO_BE_RETRIED, None)
    assert after_attempt(replace(lost, lost_attempts=4)).job_event is JobEvent.GIVEN_UP


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_scaling_that_a_destroy_has_cancelled_ends(outcome: Outcome) -> None:
    verdict = after_attempt(replace(SCALED, outcome=outcome, cancel_requested=True, needing_cleanup=1))
    assert (verdict.job_event, verdict.cluster_event) == (JobEvent.CANCELLED, None)


def test_a_scaling_holds_its_lease_for_its_own_time_whatever_needs_cleanup() -> None:
    assert run_deadline(RunMode.SCALE) == timedelta(minutes=30)
    assert lease_deadline(RunMode.SCALE, older=3) == timedelta(minutes=40)
    assert lease_deadline(RunMode.CLEANUP, older=3) == timedelta(minutes=3 * (60 + 10) + 10)


def test_pauses_double_up_to_the_cap() -> None:
    assert [pause(count, 30) for count in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert pause(10_000, 240) == 240
