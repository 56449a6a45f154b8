"""What a soak has shown: first what follows from its seed, then what was measured."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ocpctl_common.failpoints import Failpoint
from ocpctl_janitor.sweeps import named
from ocpctl_local.settings import LeaseTimes

from tests.faults.injector import FaultInjector
from tests.faults.plan import Kind, Plan
from tests.oracle.evidence import Evidence

BOUND_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The text, and what is wrong."""

    text: str
    violations: tuple[str, ...]


def report(
    made: Plan, injector: FaultInjector, evidence: Evidence, times: LeaseTimes, *, found: Sequence[str], seconds: float
) -> Report:
    """Everything in one page."""
    beyond = sorted(recoveries(injector, evidence, times))
    wrong = [*found, *_not_reached(made, injector)]
    if beyond and percentile(beyond, 0.99) > BOUND_SECONDS:
        wrong.append(f"recovery: p99 is {percentile(beyond, 0.99):.1f} s beyond lease and quarantine")
    parts = [_planned(made), _measured(made, injector, evidence, seconds), _recovery(beyond), _verdict(wrong)]
    return Report(text="\n".join(parts), violations=tuple(wrong))


def _not_reached(made: Plan, injector: FaultInjector) -> list[str]:
    """Kill points at which nobody died as often as it was planned."""
    planned = Counter(fault.detail for fault in made.faults if fault.kind is Kind.KILL_POINT)
    reached = Counter(injector.reached)
    missed = [f"{reached[point]} of {n} deaths at {point}" for point, n in planned.items() if reached[point] < n]
    return missed + [f"armed to the end, and alive: {name}" for name in injector.waiting()]


def _planned(made: Plan) -> str:
    kinds = Counter(fault.kind for fault in made.faults)
    lines = [f"| {kind} | {kinds[kind]} |" for kind in Kind]
    head = f"# Soak {made.seed}\n\nPlan {made.digest()}: {made.lives} creates, {made.lives} destroys"
    return "\n".join(
        [
            (
                f"{head}, {len(made.early)} of them amid the install, "
                f"{len(made.again)} under a name that was used before, "
                f"{len(made.flaky)} after a failed first attempt.\n"
            ),
            "| faults | |",
            "|---|---|",
            *lines,
            "",
        ]
    )


def _measured(made: Plan, injector: FaultInjector, evidence: Evidence, seconds: float) -> str:
    ends = evidence.rows("SELECT status, count(*) AS n FROM clusters GROUP BY status ORDER BY status")
    outcomes = evidence.rows(
        "SELECT mode, coalesce(outcome, 'none') AS outcome, count(*) AS n FROM attempts GROUP BY 1, 2 ORDER BY 1, 2"
    )
    modes = evidence.rows(
        """SELECT credentials_mode AS mode, count(*) AS n FROM attempts
           WHERE mode = 'INSTALL' AND authorized_at IS NOT NULL GROUP BY 1 ORDER BY 1"""
    )
    reached = Counter(injector.reached)
    lines = [f"| {point} | {reached[point]} |" for point in Failpoint]
    return "\n".join(
        [
            f"{seconds:.0f} s, {injector.done} of {len(made.faults)} faults carried out.",
            "Clusters at the end: " + ", ".join(f"{row['n']} {row['status']}" for row in ends) + ".",
            "Attempts: " + ", ".join(f"{row['n']} {row['mode']} {row['outcome']}" for row in outcomes) + ".",
            "Credentials of installs: " + ", ".join(f"{row['n']} {row['mode']}" for row in modes) + ".",
            "",
            "| deaths at | |",
            "|---|---|",
            *lines,
            "",
        ]
    )


def recoveries(injector: FaultInjector, evidence: Evidence, times: LeaseTimes) -> list[float]:
    """For each lease of a killed runner: seconds until somebody worked on, beyond lease and quarantine, unscaled.

    A run whose report was on its way when its runner died has ended: the next run of its cluster may be a verification
    after a quarter of an hour. What does not scale (looking, asking, the queue, starting) counts as it was measured;
    the janitor's pause between verifications counts with its real length.
    """
    pause = named("takeover").seconds - times.sweep
    statement = """SELECT a.id, extract(epoch FROM min(n.started_at))::float8 AS again
                   FROM attempts a JOIN attempts n ON n.cluster_id = a.cluster_id AND n.fence > a.fence
                   WHERE a.outcome = 'LEASE_LOST' GROUP BY a.id"""
    again = {row["id"]: row["again"] for row in evidence.rows(statement)}
    return [
        again[attempt] - death.at - times.lease - times.quarantine + pause
        for death in injector.deaths
        for attempt in death.attempts
        if attempt in again
    ]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of ordered values."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _recovery(beyond: Sequence[float]) -> str:
    if not beyond:
        return "No killed runner held a lease.\n"
    marks = ", ".join(f"p{share * 100:.0f} {percentile(beyond, share):+.1f} s" for share in (0.5, 0.9, 0.99, 1.0))
    return f"Recovery of {len(beyond)} leases of killed runners, beyond lease + quarantine: {marks}.\n"


def _verdict(wrong: Sequence[str]) -> str:
    return "\n".join([f"Violations: {len(wrong)}", *(f"- {line}" for line in wrong), ""])
