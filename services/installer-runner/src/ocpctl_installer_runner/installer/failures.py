"""Why an install failed: rules are data, see failure_rules.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

BUILT_IN = Path(__file__).with_name("failure_rules.yaml")
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
    """Why it failed: the class decides about retries, the sentence is for the user."""

    failure_class: str
    message: str


def load_rules(path: Path = BUILT_IN) -> tuple[Rule, ...]:
    """The rules of a file. Raises KeyError, re.error for a broken one."""
    return tuple(
        Rule(name=raw["name"], failure_class=raw["class"], pattern=re.compile(raw["pattern"]), say=raw["say"])
        for raw in yaml.safe_load(path.read_text())
    )


def classify(rules: tuple[Rule, ...], log: str, exit_code: int) -> Failure:
    """The first rule that fits; else by the exit code, which is only a hint."""
    for rule in rules:
        if rule.pattern.search(log):
            return Failure(failure_class=rule.failure_class, message=f"{rule.say} ({rule.name})")
    failure_class = BY_EXIT_CODE.get(exit_code, "UNKNOWN")
    return Failure(failure_class=failure_class, message=f"The installer ended with exit code {exit_code}.")
