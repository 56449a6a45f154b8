"""What a soak does to a stack, and when: everything follows from the seed."""

import hashlib
import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from ocpctl_common.failpoints import Failpoint

SCHEDULER_POINTS = frozenset(
    {
        Failpoint.ACCEPT_BEFORE_COMMIT,
        Failpoint.ACCEPT_COMMITTED,
        Failpoint.RELAY_CLAIMED,
        Failpoint.RELAY_SENT,
        Failpoint.ACQUIRE_COMMITTED,
        Failpoint.AUTHORIZE_COMMITTED,
        Failpoint.REPORT_COMMITTED,
        Failpoint.TAKEOVER_COMMITTED,
    }
)
MADE_WITH_A_ROLE = frozenset({Failpoint.RUNNER_CREDENTIALS, Failpoint.RUNNER_CREDENTIALS_MADE})
SERVICES = ("envoy", "api-gateway", "scheduler", "janitor")
OTHERS_PER_LIFE = 0.1
LAST = 0.95  # of the lives: what comes later would meet too few of them
EARLY_DESTROYS = 0.1
USED_AGAIN = 0.25  # of the lives: they take the name of an older one, when that is destroyed
FLAKY = 0.1  # of the lives with a fresh name: the first attempt to install fails, the second works
# What is there then: nothing, a bucket without tags, no provider, one without tags, a role without its policy, all.
CCOCTL_STEPS = ("keys", "bucket-untagged", "objects", "provider-untagged", "role-3-bare", "role-7")
APART = 5  # a name is used again by a life that begins at least so many later


class Kind(StrEnum):
    """How it hurts."""

    KILL_POINT = "kill point"  # the first target dies at a named line; a second one at once, that there be a takeover
    KILL = "kill"  # two processes die at once, wherever they are
    STOP = "stop"  # a runner is stopped for longer than its lease, then woken
    DATABASE = "database restart"
    ENDPOINT = "endpoint"  # AWS refuses, delays, forgets or repeats for a while
    PURGE = "purge"  # the queue is emptied


ENDPOINT_FAULTS: dict[str, dict[str, object]] = {
    "queue away": {"service": "sqs", "status": 503},
    "messages lost and doubled": {"service": "sqs", "operation": "ReceiveMessage", "lose": 0.05, "double": 0.15},
    "uploads refused": {"service": "s3", "operation": "PutObject", "status": 500, "share": 0.5},
    "uploads slow": {"service": "s3", "operation": "PutObject", "delay": 2.0},
    "secrets throttled": {
        "service": "secretsmanager",
        "status": 400,
        "code": "ThrottlingException",
        "share": 0.5,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One of them; it begins when `at` lives have begun."""

    kind: Kind
    targets: tuple[str, ...] = ()
    detail: str = ""
    at: int = 0

    @property
    def hits(self) -> frozenset[str]:
        """What nothing else may hit at the same time."""
        return frozenset(self.targets or ("infrastructure",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A soak."""

    seed: int
    lives: int
    faults: tuple[Fault, ...]
    early: frozenset[int]  # lives that are destroyed amid their install
    again: Mapping[int, int]  # a life that takes the name of another one
    flaky: Mapping[int, str]  # lives whose first attempt fails: ccoctl dies after this step; empty: the bootstrap fails

    def name(self, number: int) -> str:
        """Of a life's cluster."""
        return f"soak-{self.again.get(number, number):04d}"

    def digest(self) -> str:
        """Names the plan: the same seed and size give the same digest."""
        faults = [asdict(fault) for fault in self.faults]
        text = repr((faults, sorted(self.early), sorted(self.again.items()), sorted(self.flaky.items())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Names:
    """Who may use a name: one life after the other, in the order of their numbers. Thread-safe.

    Lives begin in the order of their numbers, so a life waits only for one that has begun.
    """

    def __init__(self, made: Plan) -> None:
        self._plan = made
        self._before: dict[int, int] = {}
        last: dict[str, int] = {}
        for number in range(made.lives):
            if (name := made.name(number)) in last:
                self._before[number] = last[name]
            last[name] = number
        self._over = defaultdict[int, threading.Event](threading.Event)
        self._lock = threading.Lock()

    @contextmanager
    def held(self, number: int) -> Iterator[None]:
        """Begins when the life that had the name before is over."""
        if number in self._before:
            self._event(self._before[number]).wait()
        try:
            yield
        finally:
            self._event(number).set()

    def _event(self, number: int) -> threading.Event:
        with self._lock:
            return self._over[number]


def plan(seed: int, lives: int, repeats: int, runners: Sequence[str], with_a_role: Sequence[str]) -> Plan:
    """Every kill point `repeats` times and one other fault for every ten lives, in random order, evenly spread.

    A runner that is armed for a point which its work never passes is armed for ever, and all later faults wait for it:
    credentials are made by runners `with_a_role` only.
    """
    rng = random.Random(seed)
    able = {point: with_a_role if point in MADE_WITH_A_ROLE else runners for point in Failpoint}
    faults = [_kill_point(rng, point, able[point]) for point in Failpoint for _ in range(repeats)]
    faults += [_other(rng, runners) for _ in range(round(lives * OTHERS_PER_LIFE))]
    rng.shuffle(faults)
    spread = tuple(
        replace(fault, at=1 + int(LAST * number * lives / len(faults))) for number, fault in enumerate(faults)
    )
    early = frozenset(number for number in range(lives) if rng.random() < EARLY_DESTROYS)
    again = _names(rng, lives)
    flaky = [number for number in range(lives) if number not in again and rng.random() < FLAKY]
    steps = {number: rng.choice(("", *CCOCTL_STEPS)) for number in flaky}
    return Plan(seed=seed, lives=lives, faults=spread, early=early, again=again, flaky=steps)


def _names(rng: random.Random, lives: int) -> dict[int, int]:
    """Lives with a name of an older one: the name is that of the first life that had it."""
    again: dict[int, int] = {}
    for number in range(APART, lives):
        if rng.random() < USED_AGAIN:
            older = rng.randrange(number - APART + 1)
            again[number] = again.get(older, older)
    return again


def _kill_point(rng: random.Random, point: Failpoint, runners: Sequence[str]) -> Fault:
    runner = rng.choice(runners)
    targets: tuple[str, ...]
    if point is Failpoint.JANITOR_TAKEOVER:
        targets = ("janitor", runner)
    elif point is Failpoint.TAKEOVER_COMMITTED:
        targets = ("scheduler", runner)
    else:
        targets = ("scheduler",) if point in SCHEDULER_POINTS else (runner,)
    return Fault(kind=Kind.KILL_POINT, targets=targets, detail=point)


def _other(rng: random.Random, runners: Sequence[str]) -> Fault:
    kind = rng.choice([kind for kind in Kind if kind is not Kind.KILL_POINT])
    if kind is Kind.KILL:
        return Fault(kind=kind, targets=tuple(rng.sample([*SERVICES, *runners], 2)))
    if kind is Kind.STOP:
        return Fault(kind=kind, targets=(rng.choice(runners),))
    return Fault(kind=kind, detail=rng.choice(sorted(ENDPOINT_FAULTS)) if kind is Kind.ENDPOINT else "")
