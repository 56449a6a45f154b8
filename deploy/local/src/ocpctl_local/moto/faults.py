"""Faults of the local AWS endpoint.

`faults.json` of the stack holds a list of rules, e.g. `[{"service": "s3", "operation": "PutObject", "status": 500}]`;
no rule, no fault. The first rule that fits a call decides:

    service, operation   what is hit; an operation that is left out means all of the service
    share                how many of the calls, 0 to 1
    after                so many calls that it would hit pass first
    status, code         answer with this HTTP status and AWS error code instead of doing the work
    delay                seconds to wait before doing the work
    late                 IAM's lists of roles and identity providers only: they lack what is younger, in seconds
    lose, double         ReceiveMessage only: share of messages that vanish, and that are handed out twice
"""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault."""

    service: str
    operation: str = ""
    share: float = 1.0
    after: int = 0
    status: int = 0
    code: str = "InternalError"
    delay: float = 0.0
    late: float = 0.0
    lose: float = 0.0
    double: float = 0.0
    _calls: Iterator[int] = field(default_factory=itertools.count, init=False, compare=False, repr=False)

    def fits(self, service: str, operation: str) -> bool:
        """Whether this call is hit."""
        if self.service != service or self.operation not in ("", operation) or random.random() >= self.share:
            return False
        return next(self._calls) >= self.after


class Faults:
    """The rules of the file, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._rules: tuple[Rule, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """What holds now."""
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return ()
        if changed != self._seen:
            self._rules = tuple(Rule(**rule) for rule in json.loads(self._path.read_text() or "[]"))
            self._seen = changed
        return self._rules
