"""What people are told of a job: its attempts, and nothing of the past that is not true any more."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.queries import attempts, details
from ocpctl_common.store.queries.attempts import AttemptView
from ocpctl_common.store.queries.details import JobView

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol


class Seen:
    """A scheduler, and what the gateway's role reads."""

    def __init__(self, database: Database) -> None:
        self.protocol = Protocol(database)
        self._reader = make_engine(database.url("ocpctl_reader"), pool_size=1, application_name="test")

    def job(self, job_id: str) -> JobView:
        with self._reader.connect() as tx:
            found = details.job(tx, job_id)
        assert found is not None
        return found

    def current_job(self, cluster_id: str) -> JobView:
        with self._reader.connect() as tx:
            found = details.cluster(tx, cluster_id)
        assert found is not None
        assert found.job is not None
        return found.job

    def attempts(self, job_id: str, limit: int = 100) -> list[AttemptView]:
        with self._reader.connect() as tx:
            return attempts.of_job(tx, job_id, limit=limit)

    def again(self, job_id: str) -> lease_pb.Grant:
        self.protocol.later(RULES.backoff_unit * 100)
        return self.protocol.acquire(job_id).grant


@pytest.fixture
def seen(database: Database) -> Seen:
    return Seen(database)


def failed_once(seen: Seen) -> lease_pb.Grant:
    """A create whose first install failed; returns that run."""
    grant = seen.protocol.granted()
    seen.protocol.authorize(grant)
    seen.protocol.report(grant, "FAILED", "BOOTSTRAP")
    return grant


def succeeded_later(seen: Seen) -> lease_pb.Grant:
    """A create whose second install succeeded; returns the first run."""
    first = failed_once(seen)
    second = seen.again(first.job_id)
    seen.protocol.verified(second, first.attempt_id)
    seen.protocol.report(second, "SUCCEEDED")
    return first


def test_a_job_that_succeeded_later_shows_no_error(seen: Seen) -> None:
    first = failed_once(seen)
    waiting = seen.job(first.job_id)
    assert (waiting.status, waiting.error_code, waiting.error_message) == ("RETRYING", "BOOTSTRAP", "because")
    second = seen.again(first.job_id)
    seen.protocol.verified(second, first.attempt_id)
    seen.protocol.report(second, "SUCCEEDED")
    done = seen.job(first.job_id)
    assert (done.status, done.error_code, done.error_message) == ("SUCCEEDED", "", "")


def test_a_destroy_that_was_blocked_and_succeeded_shows_no_blocker(seen: Seen) -> None:
    grant = seen.protocol.ready()
    destroy = seen.protocol.acquire(seen.protocol.destroy(grant.cluster_id).job_id).grant
    seen.protocol.sql("UPDATE jobs SET error_code = 'BLOCKED', error_message = 'a vpc' WHERE id = %s", destroy.job_id)
    seen.protocol.verified(destroy, grant.attempt_id)
    seen.protocol.report(destroy, "SUCCEEDED")
    assert seen.job(destroy.job_id).error_code == ""


def test_a_job_that_failed_keeps_its_error(seen: Seen) -> None:
    grant = seen.protocol.granted()
    seen.protocol.report(grant, "FAILED", "QUOTA")
    done = seen.job(grant.job_id)
    assert (done.status, done.error_code) == ("FAILED", "QUOTA")


def test_the_attempts_of_a_job_oldest_first(seen: Seen) -> None:
    first = succeeded_later(seen)
    seen.protocol.sql(
        "UPDATE attempts SET exit_code = 4, failure_rule = 'r', log_tail = 'secret' WHERE id = %s", first.attempt_id
    )
    failed, done = seen.attempts(first.job_id)
    assert (failed.id, failed.number, failed.mode, failed.outcome) == (first.attempt_id, 1, "INSTALL", "FAILED")
    assert (failed.failure_class, failed.failure_rule, failed.message) == ("BOOTSTRAP", "r", "because")
    assert (failed.exit_code, failed.infra_id) == (4, f"one-{first.attempt_id[-5:]}")
    assert (done.number, done.outcome, done.failure_class, done.message) == (2, "SUCCEEDED", "", "because")
    assert failed.started_at < (failed.ended_at or failed.started_at) <= done.started_at
    assert not {"runner", "metadata", "log_tail"} & set(AttemptView.__slots__)


def test_a_run_that_goes_on_has_no_outcome(seen: Seen) -> None:
    (running,) = seen.attempts(seen.protocol.granted().job_id)
    assert (running.outcome, running.ended_at, running.exit_code, running.infra_id) == (None, None, None, "")


def test_of_many_attempts_the_newest_are_shown(seen: Seen) -> None:
    first = succeeded_later(seen)
    assert [attempt.number for attempt in seen.attempts(first.job_id, limit=1)] == [2]


def test_what_a_cluster_does_now_is_not_told_of_jobs_that_ended_or_wait(seen: Seen) -> None:
    grant = seen.protocol.ready()
    destroy_id = seen.protocol.destroy(grant.cluster_id).job_id
    seen.protocol.sql("UPDATE clusters SET stage = 'deleting', progress_percent = 40")
    assert (seen.job(grant.job_id).stage, seen.job(grant.job_id).progress_percent) == ("", 100)
    assert (seen.job(destroy_id).stage, seen.job(destroy_id).progress_percent) == ("", 0)
    seen.protocol.acquire(destroy_id)
    assert (seen.job(destroy_id).stage, seen.job(destroy_id).progress_percent) == ("deleting", 40)


def test_a_look_again_is_not_what_a_living_cluster_does(seen: Seen) -> None:
    protocol, first = seen.protocol, succeeded_later(seen)
    protocol.later(RULES.verification_pauses[0])
    assert protocol.sweep(first.cluster_id).applied
    [[job_id]] = protocol.sql("SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP'")
    look = protocol.acquire(job_id).grant
    protocol.leases.Progress(
        lease_pb.ProgressRequest(
            cluster_id=look.cluster_id,
            fence=look.fence,
            runner_id="runner-1",
            attempt_id=look.attempt_id,
            sequence=1,
            stage="verifying again",
            progress_percent=50,
        )
    )
    assert protocol.sql("SELECT stage, progress_percent FROM clusters") == [("ready", 100)]
    assert (seen.job(job_id).stage, seen.job(job_id).progress_percent) == ("", 0)


def test_the_look_that_found_something_is_the_job_of_a_cluster_that_is_destroyed_again(seen: Seen) -> None:
    protocol = seen.protocol
    gone = protocol.destroyed()
    protocol.later(RULES.verification_pauses[0])
    assert protocol.sweep(gone.cluster_id).applied
    [[job_id]] = protocol.sql("SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP'")
    assert seen.current_job(gone.cluster_id).id != job_id
    look = protocol.acquire(job_id).grant
    protocol.verify_again(look, gone.attempt_id, "ec2:volume vol-1")
    assert seen.current_job(gone.cluster_id).id == job_id
