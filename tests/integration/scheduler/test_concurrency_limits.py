"""The concurrency limit of a pool: counted, redispatched when free, halved by a throttle, destroys apart."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.lifecycle.throttling import creates_allowed, halved

from tests.conftest import Database
from tests.integration.protocol import ACCOUNT, RULES, Protocol

GRANTED, LATER = pb.Verdict.GRANTED, pb.Verdict.LATER


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def jobs(protocol: Protocol, count: int) -> list[str]:
    return [protocol.create(f"c{number}").job_id for number in range(count)]


def test_only_so_many_creates_run_at_once_however_many_ask(protocol: Protocol) -> None:
    wanted = jobs(protocol, 12)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda job: protocol.acquire(job, account=ACCOUNT), wanted))
    assert [answer.verdict for answer in answers].count(GRANTED) == RULES.creates
    assert {answer.reason for answer in answers if answer.verdict == LATER} == {"CONCURRENCY_LIMIT"}


def test_the_end_of_a_run_rings_who_waits_longest(protocol: Protocol) -> None:
    first, *others = jobs(protocol, RULES.creates + 2)
    grant = protocol.acquire(first, account=ACCOUNT).grant
    waiting = [job for job in others if protocol.acquire(job, account=ACCOUNT).verdict == LATER]
    while protocol.relay.run_once().claimed:
        pass
    protocol.queue.sent.clear()
    protocol.report(grant, "FAILED", "CONFIG")
    protocol.relay.run_once()
    assert [message.dedup_id for message in protocol.queue.sent] == [f"job:{waiting[0]}:2"]
    assert protocol.acquire(waiting[0], account=ACCOUNT).verdict == GRANTED


def test_destroys_have_a_budget_of_their_own(protocol: Protocol) -> None:
    ready = protocol.granted("ready")
    protocol.authorize(ready)
    protocol.report(ready, "SUCCEEDED")
    for job in jobs(protocol, RULES.creates):
        assert protocol.acquire(job, account=ACCOUNT).verdict == GRANTED
    assert protocol.acquire(protocol.destroy(ready.cluster_id).job_id, account=ACCOUNT).verdict == GRANTED


def test_other_accounts_and_regions_are_not_concerned(protocol: Protocol) -> None:
    wanted = jobs(protocol, RULES.creates + 1)
    for job in wanted[:-1]:
        protocol.acquire(job, account=ACCOUNT)
    assert protocol.acquire(wanted[-1], account="999999999999").verdict == GRANTED


def test_a_throttle_halves_the_creates(protocol: Protocol) -> None:
    throttled, *others = jobs(protocol, 4)
    protocol.report(protocol.acquire(throttled, account=ACCOUNT).grant, "FAILED", "THROTTLE")
    verdicts = [protocol.acquire(job, account=ACCOUNT).verdict for job in others]
    assert verdicts == [GRANTED, GRANTED, LATER]  # half of five


@pytest.mark.parametrize(
    ("lowered_to", "seconds", "allowed"), [(None, 0, 5), (2, 0, 2), (2, 599, 2), (2, 600, 3), (2, 10_000, 5)]
)
def test_a_lowered_number_comes_back_slowly(lowered_to: int | None, seconds: float, allowed: int) -> None:
    assert creates_allowed(5, lowered_to, seconds, 600) == allowed


def test_one_create_is_always_possible() -> None:
    assert [halved(number) for number in (5, 2, 1)] == [2, 1, 1]
