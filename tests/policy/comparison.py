"""Policies against calls, as IAM reads them: `*` is any text, `?` one letter, and actions have no case."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from tests.policy import actions
from tools.policies import Statement

Call = tuple[str, str, str]  # caller, service, operation


def matches(pattern: str, text: str, *, case: bool = False) -> bool:
    """Whether a pattern of IAM stands for a text. ARNs have case."""
    return _expression(pattern, case=case).fullmatch(text) is not None


@cache
def _expression(pattern: str, *, case: bool) -> re.Pattern[str]:
    words = {"*": ".*", "?": "."}
    expression = "".join(words.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(expression, re.DOTALL | (re.NOFLAG if case else re.IGNORECASE))


def needed(calls: Iterable[Call], *callers: str) -> set[str]:
    """The actions that the calls of these callers need. Raises Unmapped."""
    return {
        action
        for caller, service, operation in calls
        if caller in callers
        for action in actions.needed(service, operation)
    }


def not_granted(wanted: Iterable[str], statements: Collection[Statement]) -> Sequence[str]:
    """Actions that no statement allows."""
    patterns = {pattern for one in statements for pattern in one.actions}
    return sorted(action for action in wanted if not any(matches(pattern, action) for pattern in patterns))


def not_needed(wanted: Iterable[str], statements: Iterable[Statement]) -> Sequence[str]:
    """Actions that a statement allows and nobody wants, with its Sid. A pattern allows every action that it fits."""
    have = {action.lower() for action in wanted}
    return sorted(
        f"{one.sid} {action}" for one in statements for pattern in one.actions for action in _extent(pattern, have)
    )


def _extent(pattern: str, have: Collection[str]) -> Iterable[str]:
    """What a pattern allows too much; itself if it is no action at all."""
    if "*" not in pattern and "?" not in pattern:
        return [] if pattern.lower() in have else [pattern]
    fitting = [action for action in actions.known() if matches(pattern, action)]
    return [action for action in fitting if action not in have] or ([] if fitting else [pattern])


def allows_on(statements: Iterable[Statement], action: str, arn: str) -> bool:
    """Whether a statement allows it on this very thing. Variables of the template stand for anything."""
    return any(
        matches(resource, arn, case=True)
        for one in statements
        if any(matches(pattern, action) for pattern in one.actions)
        for resource in (re.sub(r"\$\{[^}]+\}", "*", each) for each in one.resources)
    )
