"""Every job kind and every run mode has its row, its name in the contract, and what it does."""

from ocpctl.internal.v1 import lease_service_pb2
from ocpctl.v1 import types_pb2
from ocpctl_common.lifecycle.job_kinds import KINDS, Rule
from ocpctl_common.lifecycle.retries import RULES
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import JobType, RunMode
from ocpctl_installer_runner import execution
from ocpctl_installer_runner.translation import answers


def test_every_kind_has_a_row_and_its_public_name() -> None:
    public = set(types_pb2.JobType.Value.keys()) - {"UNSPECIFIED"}
    assert set(KINDS) == set(JobType) == public


def test_every_mode_has_a_row_a_name_on_the_wire_and_a_run() -> None:
    wire = dict(lease_service_pb2.RunMode.Value.items())
    assert set(RUNS) == set(RunMode) == wire.keys() - {"UNSPECIFIED"}
    assert set(execution.RUNS) == set(answers.MODES.values()) == set(RunMode)


def test_every_rule_has_a_decision_and_a_kind() -> None:
    assert set(RULES) == set(Rule) == {kind.rule for kind in KINDS.values()}
