"""Why installs fail: every rule has an example of what the installer or AWS really prints."""

import json
import re
from pathlib import Path

import pytest
import yaml
from ocpctl_installer_runner.installer.failure_rules import (
    TURNS,
    BadRules,
    Ended,
    Evidence,
    Failure,
    Rule,
    classify,
    load_rules,
)
from ocpctl_local.simulator.failures import FAILURES

RULES = load_rules()
EXAMPLES = yaml.safe_load(Path(__file__).with_name("failure_examples.yaml").read_text())


def classified(rules: tuple[Rule, ...], log: str, code: int) -> Failure:
    """The cause of a whole log."""
    return classify(rules, Evidence.of(log, rules), Ended(code=code))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_its_example(rule: object) -> None:
    name = rule.name  # type: ignore[attr-defined]
    failure = classified(RULES, f"level=error msg={json.dumps(EXAMPLES[name])}", 4)
    assert failure.message.endswith(f"({name})")


@pytest.mark.parametrize("failure_class", FAILURES)
def test_the_simulated_failures_are_recognised(failure_class: str) -> None:
    line, code = FAILURES[failure_class]
    assert classified(RULES, line, code).failure_class == failure_class


@pytest.mark.parametrize(("code", "failure_class"), [(1, "UNKNOWN"), (3, "CONFIG"), (5, "BOOTSTRAP"), (7, "OPERATORS")])
def test_without_a_rule_the_exit_code_is_a_hint(code: int, failure_class: str) -> None:
    assert classified(RULES, "nothing known", code).failure_class == failure_class


def test_every_rule_says_whose_turn_it_is_and_what_to_do() -> None:
    assert len(RULES) >= 65
    assert all(rule.fix and rule.owner in TURNS for rule in RULES)
    assert {rule.owner for rule in RULES} == set(TURNS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "InvalidUserTags",
            (
                "A tag of the request is not allowed by AWS or by the installer. Your turn: Change the tags (letters, "
                "digits, spaces and _.:/=+-@ only; no reserved keys) and ask again. It would fail again, so it is not "
                "tried again by itself. (InvalidUserTags)"
            ),
        ),
        (
            "InstanceCapacity",
            (
                "AWS has no capacity for this instance type at the moment. Up to the cloud: Wait, or ask again for "
                "another region or instance type. (InstanceCapacity)"
            ),
        ),
    ],
)
def test_the_message_has_the_cause_the_turn_and_the_fix(name: str, message: str) -> None:
    assert classified(RULES, f"level=error msg={json.dumps(EXAMPLES[name])}", 4).message == message


def own_rules(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


OWN = """
- {name: OurProxy, class: UNKNOWN, pattern: "proxy.corp.example.*refused", say: "The company's proxy refused."}
"""


def test_an_operators_rules_come_first(tmp_path: Path) -> None:
    rules = load_rules(own_rules(tmp_path / "own.yaml", OWN))
    failure = classified(rules, "dial tcp proxy.corp.example:3128: connection refused", 1)
    assert (failure.rule, failure.message) == ("OurProxy", "The company's proxy refused. (OurProxy)")


def test_an_operators_rule_may_say_more(tmp_path: Path) -> None:
    text = (
        "- {name: Ours, class: AUTH, pattern: vault, say: No key., owner: you, fix: Ask Ann., quiet: true, vague: true}"
    )
    (rule, *_) = load_rules(own_rules(tmp_path / "own.yaml", text))
    assert (rule.owner, rule.fix, rule.quiet, rule.vague) == ("you", "Ask Ann.", True, True)
    assert not rule.retried


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: x", "must be a list"),
        ("- {name: A, class: UNKNOWN, pattern: x}", "rule 1: needs the fields name, class, pattern, say"),
        ("- {name: A, class: DNS, pattern: x, say: y, what: z}", "and may have owner, fix, vague, quiet"),
        (
            "- {name: A, class: DNS, pattern: x, say: y, owner: me}",
            "rule 1 (A): owner me is none of you, platform, cloud",
        ),
        ("- {name: A, class: DNS, pattern: x, say: y, vague: 1}", "rule 1 (A): vague must be true or false"),
        ("- {name: A, class: DNS, pattern: x, say: y, fix: 1}", "rule 1 (A): fix must be a text"),
        ("- {name: A, class: ODD, pattern: x, say: y}", "rule 1 (A): class ODD is none of CONFIG, AUTH"),
        ("- {name: A, class: UNKNOWN, pattern: '(', say: y}", "rule 1 (A): the pattern is no regular expression"),
    ],
)
def test_wrong_rules_are_refused_at_the_start(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadRules, match=re.escape(complaint)):
        load_rules(own_rules(tmp_path / "own.yaml", text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"none\.yaml"):
        load_rules(tmp_path / "none.yaml")


def test_twenty_lines_are_kept_for_operators() -> None:
    log = "\n".join(f"line {number}" for number in range(100))
    assert classified(RULES, log, 1).tail.splitlines() == [f"line {number}" for number in range(80, 100)]
