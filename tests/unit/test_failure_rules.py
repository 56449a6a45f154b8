"""Why installs fail: every rule has an example of what the installer or AWS really prints."""

import re
from pathlib import Path

import pytest
import yaml
from ocpctl_installer_runner.installer.failures import BadRules, Evidence, Failure, Rule, classify, load_rules
from ocpctl_local.simulator.failures import FAILURES

RULES = load_rules()
EXAMPLES = yaml.safe_load(Path(__file__).with_name("failure_examples.yaml").read_text())


def classified(rules: tuple[Rule, ...], log: str, code: int) -> Failure:
    """The cause of a whole log."""
    return classify(rules, Evidence.of(log, rules), code)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_its_example(rule: object) -> None:
    name = rule.name  # type: ignore[attr-defined]
    failure = classified(RULES, f"time=x level=error msg={EXAMPLES[name]}", 4)
    assert failure.message.endswith(f"({name})")


@pytest.mark.parametrize("failure_class", FAILURES)
def test_the_simulated_failures_are_recognised(failure_class: str) -> None:
    line, code = FAILURES[failure_class]
    assert classified(RULES, line, code).failure_class == failure_class


@pytest.mark.parametrize(("code", "failure_class"), [(1, "UNKNOWN"), (3, "CONFIG"), (5, "BOOTSTRAP"), (7, "OPERATORS")])
def test_without_a_rule_the_exit_code_is_a_hint(code: int, failure_class: str) -> None:
    assert classified(RULES, "nothing known", code).failure_class == failure_class


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


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: x", "must be a list"),
        ("- {name: A, class: UNKNOWN, pattern: x}", "rule 1: needs the fields name, class, pattern, say"),
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
