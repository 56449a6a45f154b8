"""The true cause is found in a whole log: among normal noise, and never in what passes."""

import pytest
from ocpctl_installer_runner.installer.failure_rules import Ended, Evidence, Failure, classify, load_rules

from tests.unit.runner.failure_causes import (
    API,
    BOOTSTRAP,
    CAUSES,
    CONFIG,
    DEGRADED,
    HELP,
    INGRESS,
    OPERATORS,
    TIMED_OUT,
)
from tests.unit.runner.installer_logs import LOOKUP, PASSING, Cause, Line, log_of, noise, record

RULES = load_rules()
SEEDS = range(5)
LOOKED_UP: Line = ("debug", f"Still waiting for the Kubernetes API: {LOOKUP}")
THROTTLED: Line = ("debug", "api error RequestLimitExceeded: Request limit exceeded., will retry")
SKIPPED: Line = ("debug", "failed to load limits: AccessDeniedException: not authorized, skipping quota check")
OUR_TAGS = 'platform.aws.userTags[cost center]: Invalid value: "a<b": value contains invalid characters'


def failure(log: str, code: int = 1) -> Failure:
    """Why an install with this log failed."""
    return classify(RULES, Evidence.of(log, RULES), Ended(code=code))


def whole(failure_class: str, stage: str, code: int, before: Line | None, *lines: Line) -> Cause:
    return Cause(
        name=stage,
        failure_class=failure_class,
        stage=stage,
        code=code,
        before=[before] if before else (),
        lines=lines,
    )


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_forty_whole_logs(cause: Cause) -> None:
    for seed in SEEDS:
        found = failure(log_of(cause, seed), cause.code)
        assert (found.failure_class, bool(found.rule)) == (cause.failure_class, True), found.message


def test_there_are_forty() -> None:
    assert len({cause.name for cause in CAUSES}) == 40


@pytest.mark.parametrize(
    "cause",
    [
        pytest.param(whole("OPERATORS", "operators", 6, LOOKED_UP, OPERATORS), id="name not yet there, operators"),
        pytest.param(whole("BOOTSTRAP", "bootstrap", 5, LOOKED_UP, TIMED_OUT, BOOTSTRAP), id="the same, bootstrap"),
        pytest.param(whole("BOOTSTRAP", "bootstrap", 5, THROTTLED, TIMED_OUT, BOOTSTRAP), id="throttled once"),
        pytest.param(whole("OPERATORS", "operators", 6, SKIPPED, HELP, OPERATORS), id="quota check skipped"),
        pytest.param(
            whole("AUTH", "infrastructure", 4, THROTTLED, ("error", "api error ExpiredToken: token is expired")),
            id="throttled, then expired",
        ),
        pytest.param(whole("CONFIG", "config", 3, None, ("error", CONFIG + OUR_TAGS)), id="tags of the request"),
        pytest.param(
            whole("CONFIG", "infrastructure", 4, None, ("error", "InvalidParameterValue: Duplicate tag keys found")),
            id="tags twice",
        ),
    ],
)
def test_what_was_told_wrong_once(cause: Cause) -> None:
    found = failure(log_of(cause, 1), cause.code)
    assert found.failure_class == cause.failure_class
    assert "profile" not in found.message


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_alone_names_no_cause(seed: int) -> None:
    found = failure(noise(seed))
    assert (found.failure_class, found.rule) == ("UNKNOWN", "")


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.quiet], ids=lambda rule: rule.name)
@pytest.mark.parametrize("level", ["debug", "info"])
def test_no_class_from_a_debug_line(rule: object, level: str, examples: dict[str, str]) -> None:
    name = rule.name  # type: ignore[attr-defined]
    assert failure(noise(1) + record(9, level, examples[name])).rule == ""


def test_a_full_disk_may_be_told_at_debug_when_nothing_louder_is_said() -> None:
    full = record(9, "debug", "write .openshift_install_state.json: no space left on device")
    assert failure(noise(1) + full).rule == "DiskFull"
    assert failure(full + record(10, "error", OPERATORS[1]), 6).rule == "OperatorsFailed"


@pytest.mark.parametrize("level", ["error", "warning"])
def test_what_is_tried_again_does_not_decide(level: str) -> None:
    for _, message in PASSING[:3]:
        assert failure(record(1, level, message)).rule == ""


def test_a_fatal_record_decides_whatever_it_says() -> None:
    assert failure(record(1, "fatal", "api error Throttling: Rate exceeded, not retrying")).failure_class == "THROTTLE"


def test_of_several_errors_the_last_decides() -> None:
    log = record(1, "error", "api error Throttling: Rate exceeded") + record(
        2, "error", "api error VpcLimitExceeded: x"
    )
    assert failure(log).rule == "VpcQuota"


def test_warnings_are_heard_when_no_error_says_anything() -> None:
    log = record(1, "warning", "api error VpcLimitExceeded: x") + record(2, "fatal", "something else")
    assert failure(log).rule == "VpcQuota"


def test_a_vague_sentence_gives_way_to_the_reason_of_the_same_class_only() -> None:
    log = record(1, "error", DEGRADED[1]) + record(2, "error", OPERATORS[1])
    assert failure(log, 6).rule == "AuthenticationDegraded"
    log = record(1, "error", INGRESS[1]) + record(2, "error", OPERATORS[1])
    assert failure(log, 6).rule == "IngressDegraded"
    log = record(1, "error", DEGRADED[1]) + record(2, "error", TIMED_OUT[1]) + record(3, "error", BOOTSTRAP[1])
    assert failure(log, 5).rule == "BootstrapFailed"


def test_the_record_that_says_why_belongs_to_the_one_that_says_what() -> None:
    log = record(1, "error", f"Bootstrap failed to complete: {LOOKUP}") + record(2, "error", API[1])
    assert failure(log, 5).rule == "DnsNotResolved"


@pytest.mark.parametrize(
    "line",
    [
        'level=fatal msg=failed to create cluster: api error VpcLimitExceeded: The maximum "number"',
        "FATAL failed to create cluster: api error VpcLimitExceeded: The maximum",
        'time="x" level=error msg="failed to create" error="api error VpcLimitExceeded: \\"x\\""',
        "panic: VpcLimitExceeded",
    ],
)
def test_records_of_stderr_and_of_fields_are_read(line: str) -> None:
    assert failure(f'time="x" level=debug msg="a"\n{line}\n').rule == "VpcQuota"


def test_a_message_of_several_lines_keeps_its_level() -> None:
    assert failure("level=debug msg=Multiple errors:\n* VpcLimitExceeded\n").rule == ""
    assert failure("level=error msg=Multiple errors:\n* VpcLimitExceeded\n").rule == "VpcQuota"


def test_evidence_of_a_log_without_an_end_is_bounded() -> None:
    evidence = Evidence(RULES)
    for number in range(2000):
        for level in ("debug", "warning", "error", "fatal"):
            evidence.add(record(number, level, f"{number} no space left on device {'x' * 20_000}").rstrip())
    kept = [*evidence.decisive, *evidence.warnings, *evidence.quiet, *evidence.tail]
    assert sum(map(len, kept)) < 2_000_000
    assert evidence.decisive[-1].startswith("1999 no space")


def test_the_cause_at_the_end_of_a_very_long_line_is_found() -> None:
    assert failure(record(1, "error", f"failed: {'x' * 50_000}: api error VpcLimitExceeded: full")).rule == "VpcQuota"
