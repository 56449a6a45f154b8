"""Why an install failed. Each failure rule is data, see failure_rules.yaml.

A normal log is full of passing problems: names that do not resolve yet, throttled calls that are repeated. So the
records of level fatal and error decide, the last first; then the warnings. Records of level debug and info count only
if the others say nothing, and only for the few rules that are made for them.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from ocpctl_common.lifecycle.retries import ATTEMPTS_BY_CLASS

from ocpctl_installer_runner.installer import log_records

BUILT_IN = Path(__file__).with_name("failure_rules.yaml")
NEEDED = ("name", "class", "pattern", "say")
SWITCHES = ("vague", "quiet")
OPTIONAL = ("owner", "fix", *SWITCHES)
# Whose turn it is, and how that is said.
TURNS = {"you": "Your turn: ", "platform": "The platform admins' turn: ", "cloud": "Up to the cloud: "}
NOT_RETRIED = "It would fail again, so it is not tried again by itself. "
UNKNOWN_CAUSE = (
    "{program} ended with exit code {code} and named no cause that is known here. "
    f"{TURNS['platform']}Read its log, and give the cause a rule if it may come again."
)
TAIL_LINES = 20
MAX_RECORDS = 50  # of a level
MAX_QUIET_RECORDS = 20
BY_EXIT_CODE = {3: "CONFIG", 5: "BOOTSTRAP", 6: "OPERATORS", 7: "OPERATORS"}
# Words of a passing problem: the step is tried again, or left out. Only a fatal record with these words decides.
PASSING = re.compile(
    r"(?i)\b(?:will (?:be )?retr(?:y|ied)|retrying|trying again|skipping|attempted to gather|still waiting)\b"
)
# The second of two records that belong together: it says what failed, the one before it says why.
SAYS_WHAT = re.compile(r"Failed (?:waiting for Kubernetes API|to wait for bootstrapping)")
SAYS_WHY = "Bootstrap failed to complete: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One known failure.

    `vague`: it says what did not work, not why; a rule of the same class that is not vague goes before it.
    `quiet`: it may also be found at debug and info, when nothing louder says anything.
    """

    name: str
    failure_class: str
    pattern: re.Pattern[str]
    say: str
    owner: str = "platform"
    fix: str = ""
    vague: bool = False
    quiet: bool = False

    @property
    def message(self) -> str:
        """What is the matter, whose turn it is and what to do, for the user."""
        turn = f"{TURNS[self.owner]}{self.fix} " if self.fix else ""
        return f"{self.say} {turn}{'' if self.retried else NOT_RETRIED}({self.name})"

    @property
    def retried(self) -> bool:
        """Whether an install that failed for this reason may be tried again by itself: its class says so."""
        return ATTEMPTS_BY_CLASS[self.failure_class] > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why it failed: the class decides about retries, the sentence is for the user, rule and tail for operators."""

    failure_class: str
    message: str
    rule: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program of the release ended: its exit code, and what a sentence that begins with it calls it."""

    code: int
    program: str = "The installer"


class BadRules(Exception):
    """A file of failure rules is wrong; the message says what to change."""


class Evidence:
    """What of a log may say why an install failed, in bounded memory however long the log is.

    Takes the redacted lines of the log, then those of stdout and stderr, in their order.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._quiet_rules = [rule for rule in rules if rule.quiet]
        self._level = "warning"  # of a line that belongs to no record
        self.decisive: deque[str] = deque(maxlen=MAX_RECORDS)
        self.warnings: deque[str] = deque(maxlen=MAX_RECORDS)
        self.quiet: deque[str] = deque(maxlen=MAX_QUIET_RECORDS)
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)

    @classmethod
    def of(cls, text: str, rules: Iterable[Rule] = ()) -> "Evidence":
        """The evidence in a whole log."""
        evidence = cls(rules)
        for line in text.splitlines():
            evidence.add(line)
        return evidence

    def add(self, line: str) -> None:
        """Takes one more line, without its end."""
        self.tail.append(log_records.cut(line))
        record = log_records.parse(line)
        # A message of several lines goes on without a level of its own on stderr.
        self._level = record.level if record else self._level
        text = record.text if record else self.tail[-1]
        if self._level == "fatal" or (self._level == "error" and not PASSING.search(text)):
            self._decides(text)
        elif self._level == "warning" and not PASSING.search(text):
            self.warnings.append(text)
        elif any(rule.pattern.search(text) for rule in self._quiet_rules):
            self.quiet.append(text)

    def _decides(self, text: str) -> None:
        if self.decisive and self.decisive[-1].startswith(SAYS_WHY) and SAYS_WHAT.match(text):
            text = f"{self.decisive.pop()} {text}"
        self.decisive.append(text)


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """An operator's own rules, then the built-in ones. Raises BadRules."""
    return (*(_read(own) if own else ()), *_read(BUILT_IN))


def _read(path: Path) -> tuple[Rule, ...]:
    try:
        document = yaml.load(path.read_text(), yaml.CSafeLoader)  # in C: read for every command
    except (OSError, yaml.YAMLError) as error:
        raise BadRules(f"{path}: {error}") from error
    if not isinstance(document, list):
        raise BadRules(f"{path}: must be a list of rules with {', '.join(NEEDED)}")
    return tuple(_rule(path, number, raw) for number, raw in enumerate(document, 1))


def _rule(path: Path, number: int, raw: Any) -> Rule:
    where = f"{path}, rule {number}"
    if not isinstance(raw, dict) or not set(NEEDED) <= set(raw) <= {*NEEDED, *OPTIONAL}:
        raise BadRules(f"{where}: needs the fields {', '.join(NEEDED)}, and may have {', '.join(OPTIONAL)}")
    where = f"{where} ({raw['name']})"
    for field, value in raw.items():
        if field in SWITCHES and not isinstance(value, bool):
            raise BadRules(f"{where}: {field} must be true or false")
        if field not in SWITCHES and not isinstance(value, str):
            raise BadRules(f"{where}: {field} must be a text")
    if raw["class"] not in ATTEMPTS_BY_CLASS:
        raise BadRules(f"{where}: class {raw['class']} is none of {', '.join(ATTEMPTS_BY_CLASS)}")
    if raw.get("owner", "platform") not in TURNS:
        raise BadRules(f"{where}: owner {raw['owner']} is none of {', '.join(TURNS)}")
    try:
        pattern = re.compile(raw["pattern"])
    except re.error as error:
        raise BadRules(f"{where}: the pattern is no regular expression: {error}") from error
    optional = {field: raw[field] for field in OPTIONAL if field in raw}
    return Rule(name=raw["name"], failure_class=raw["class"], pattern=pattern, say=raw["say"], **optional)


def classify(rules: Sequence[Rule], evidence: Evidence, ended: Ended) -> Failure:
    """The rule that the evidence speaks for; else by the exit code, which is only a hint."""
    tail = "\n".join(evidence.tail)
    if rule := _cause(rules, evidence):
        return Failure(failure_class=rule.failure_class, message=rule.message, rule=rule.name, tail=tail)
    failure_class = BY_EXIT_CODE.get(ended.code, "UNKNOWN")
    message = UNKNOWN_CAUSE.format(program=ended.program, code=ended.code)
    return Failure(failure_class=failure_class, message=message, tail=tail)


def _cause(rules: Sequence[Rule], evidence: Evidence) -> Rule | None:
    """What the last record says that a rule knows, or its reason if it is vague and an earlier record tells it."""
    found = list(_found(rules, chain(reversed(evidence.decisive), reversed(evidence.warnings))))
    if not found:
        return next(_found([rule for rule in rules if rule.quiet], reversed(evidence.quiet)), None)
    reasons = (rule for rule in found if not rule.vague and rule.failure_class == found[0].failure_class)
    return next(reasons, found[0]) if found[0].vague else found[0]


def _found(rules: Sequence[Rule], texts: Iterable[str]) -> Iterator[Rule]:
    """For each text the first rule that fits it."""
    for text in texts:
        if rule := next((rule for rule in rules if rule.pattern.search(text)), None):
            yield rule
