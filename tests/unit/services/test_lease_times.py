"""One owner of the lease's times: a runner trusts itself exactly as long as the scheduler says, never longer."""

from typing import Any, cast

import pytest
import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_common.settings import ServiceSettings
from ocpctl_installer_runner import lease as leases
from ocpctl_installer_runner.lease import Lease
from ocpctl_installer_runner.lease_messages import HeartbeatAnswer, RequestHeader
from ocpctl_installer_runner.runs import Runs
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.translation import lease_answers
from ocpctl_janitor.settings import JanitorSettings
from ocpctl_scheduler.rules import LeaseRules

LEASE_TIMES = [f"{name}_SECONDS" for name in ("LEASE", "TRUST", "KILL", "HEARTBEAT", "CLAIM", "QUARANTINE")]
CONTEXT = [structlog.contextvars.merge_contextvars]
HEADER = RequestHeader(cluster_id="clu_1", fence=1, runner_id="runner", attempt_id="att_1")


class Port:
    """A scheduler that renews with the times it is given."""

    def __init__(self, times: pb.LeaseTimes | None) -> None:
        self._times = times

    def heartbeat(self, header: RequestHeader) -> HeartbeatAnswer:
        return lease_answers.heartbeat_answer(pb.HeartbeatResponse(held=True, times=self._times))


def told(trust: float) -> pb.LeaseTimes:
    return pb.LeaseTimes(trust_seconds=trust, kill_seconds=30, heartbeat_seconds=20)


def beaten(answer: pb.LeaseTimes | None, monkeypatch: pytest.MonkeyPatch) -> Lease:
    """A lease of 180 s taken at 1000, after a heartbeat at 1100."""
    times = lease_answers.lease_times(told(180))
    assert times
    lease = Lease(cast("Any", Port(answer)), HEADER, times, 1000)
    monkeypatch.setattr(leases, "boottime", lambda: 1100.0)
    lease._renew()
    return lease


@pytest.mark.parametrize(
    ("answer", "until"), [(told(180), 1280), (told(60), 1160), (None, 1180), (pb.LeaseTimes(trust_seconds=9), 1180)]
)
def test_trust_is_what_the_last_heartbeat_said(
    answer: pb.LeaseTimes | None, until: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beaten(answer, monkeypatch).trusted_until == until


def test_a_grant_without_times_is_not_run() -> None:
    answer = pb.AcquireResponse(verdict=pb.Verdict.GRANTED, grant=pb.Grant(mode=pb.RunMode.INSTALL))
    granted = lease_answers.verdict(answer).grant
    assert granted
    Runs(cast("Any", None)).work(granted, 0)  # anything else would need the dependencies


@pytest.mark.parametrize("service", [RunnerSettings, JanitorSettings, GatewaySettings])
@pytest.mark.parametrize("name", LEASE_TIMES)
def test_a_time_of_the_schedulers_is_refused_elsewhere(
    service: type[ServiceSettings], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"OCPCTL_{name}", "3600")
    with pytest.raises(SystemExit, match=f"scheduler alone.*OCPCTL_{name}"):
        service.load()


@pytest.mark.parametrize("wrong", [{"trust": 270}, {"heartbeat": 61}])
def test_times_that_contradict_each_other_do_not_start(wrong: dict[str, float]) -> None:
    times: dict[str, float] = {"lease": 300, "trust": 180, "kill": 30, "quarantine": 60, "backoff_unit": 60, **wrong}
    with pytest.raises(ValueError, match="trust"):
        LeaseRules(**cast("Any", times))


def test_a_lost_lease_is_told_with_the_keys_of_its_run() -> None:
    class Fenced(Port):
        def heartbeat(self, header: RequestHeader) -> HeartbeatAnswer:
            return lease_answers.heartbeat_answer(pb.HeartbeatResponse(held=False))

    times = lease_answers.lease_times(pb.LeaseTimes(trust_seconds=180, kill_seconds=30, heartbeat_seconds=0.01))
    assert times
    lease = Lease(cast("Any", Fenced(None)), HEADER, times, leases.boottime())
    context = (structlog.contextvars.bound_contextvars(job_id="job_1"), structlog.testing.capture_logs(CONTEXT))
    with context[0], context[1] as told_lines, lease:
        lease._thread.join(10)
    assert [(line["event"], line["job_id"], line["reason"]) for line in told_lines] == [
        ("lease lost", "job_1", "FENCED")
    ]
