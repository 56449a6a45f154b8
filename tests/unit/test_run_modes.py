"""What a runner does with a grant, by its mode."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_installer_runner import execution

ATTEMPT: Any = SimpleNamespace(
    grant=pb.Grant(cluster_id="clu_1", attempt_id="att_1", fence=3, mode=cast("Any", 99)),
    tools=SimpleNamespace(settings=SimpleNamespace(runner_id="runner-1")),
    redactor=SimpleNamespace(redact=str),
)


def test_a_mode_that_the_runner_does_not_know_is_handed_back_and_never_a_success() -> None:
    report = execution._done(ATTEMPT)
    assert (report.outcome, report.failure_class) == (pb.Outcome.FAILED, RUNNER)


def test_a_run_that_returns_no_report_is_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "RUNS", {99: lambda attempt: None})
    assert execution._done(ATTEMPT).outcome == pb.Outcome.SUCCEEDED
