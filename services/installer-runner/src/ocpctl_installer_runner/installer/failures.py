"""Why an install failed: rules are data, see failure_rules.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ocpctl_common.lifecycle.retries import ATTEMPTS_BY_CLASS

BUILT_IN = Path(__file__).with_name("failure_rules.yaml")
FIELDS = ("name", "class", "pattern", "say")
TAIL_LINES = 20
BY_EXIT_CODE = {3: "CONFIG", 5: "BOOTSTRAP", 6: "OPERATORS", 7: "OPERATORS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One known failure."""

    name: str
    failure_class: str
    pattern: re.Pattern[str]
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why it failed: the class decides about retries, the sentence is for the user, rule and tail for operators."""

    failure_class: str
    message: str
    rule: str = ""
    tail: str = ""


class BadRules(Exception):
    """A file of failure rules is wrong; the message says what to change."""


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """An operator's own rules, then the built-in ones. Raises BadRules."""
    return (*(_read(own) if own else ()), *_read(BUILT_IN))


def _read(path: Path) -> tuple[Rule, ...]:
    try:
        document = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise BadRules(f"{path}: {error}") from error
    if not isinstance(document, list):
        raise BadRules(f"{path}: must be a list of rules with {', '.join(FIELDS)}")
    return tuple(_rule(path, number, raw) for number, raw in enumerate(document, 1))


def _rule(path: Path, number: int, raw: Any) -> Rule:
    where = f"{path}, rule {number}"
    if not isinstance(raw, dict) or set(raw) != set(FIELDS):
        raise BadRules(f"{where}: needs exactly the fields {', '.join(FIELDS)}")
    if raw["class"] not in ATTEMPTS_BY_CLASS:
        raise BadRules(f"{where} ({raw['name']}): class {raw['class']} is none of {', '.join(ATTEMPTS_BY_CLASS)}")
    try:
        pattern = re.compile(raw["pattern"])
    except re.error as error:
        raise BadRules(f"{where} ({raw['name']}): the pattern is no regular expression: {error}") from error
    return Rule(name=raw["name"], failure_class=raw["class"], pattern=pattern, say=raw["say"])


def classify(rules: tuple[Rule, ...], log: str, exit_code: int) -> Failure:
    """The first rule that fits the redacted log; else by the exit code, which is only a hint."""
    tail = "\n".join(log.splitlines()[-TAIL_LINES:])
    for rule in rules:
        if rule.pattern.search(log):
            return Failure(
                failure_class=rule.failure_class, message=f"{rule.say} ({rule.name})", rule=rule.name, tail=tail
            )
    failure_class = BY_EXIT_CODE.get(exit_code, "UNKNOWN")
    return Failure(failure_class=failure_class, message=f"The installer ended with exit code {exit_code}.", tail=tail)
