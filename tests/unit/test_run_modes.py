"""What a runner does with a grant, by its run mode."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.lifecycle.states import Outcome, RunMode
from ocpctl_installer_runner import execution
from ocpctl_installer_runner.translation import answers


def run(mode: int) -> Any:
    grant = pb.Grant(cluster_id="clu_1", attempt_id="att_1", fence=3, mode=cast("Any", mode))
    verdict = answers.verdict(pb.AcquireResponse(verdict=pb.Verdict.GRANTED, grant=grant))
    return SimpleNamespace(context=SimpleNamespace(grant=verdict.grant))


def test_a_mode_that_the_runner_does_not_know_is_handed_back_and_never_a_success() -> None:
    report = execution._do(run(99))
    assert (report.outcome, report.failure_class) == (Outcome.FAILED, RUNNER)


def test_a_run_that_returns_no_report_is_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "RUNS", {RunMode.SCALE: lambda _: None})
    assert execution._do(run(pb.RunMode.SCALE)).outcome is Outcome.SUCCEEDED
