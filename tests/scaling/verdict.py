"""What must be true of a history of runners that are started for jobs, and the counts that show it."""

from collections.abc import Iterator

from ocpctl_common.lifecycle.pools import Pool

from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.scaling.play import Play

MAX_UNCOVERED_PASSES = 1  # a job may become startable between two looks of one pass
MAX_WITHOUT_JOB = 0.1  # of all runners: one that is started while another takes the job finds none
RUNS = "SELECT runner, mode, count(*) FROM attempts GROUP BY 1, 2"
# The most attempts at once: counted at the begin of each.
AT_ONCE = """
SELECT coalesce(max((SELECT count(*) FROM attempts b WHERE (b.mode = 'INSTALL') = (a.mode = 'INSTALL')
                     AND b.started_at <= a.started_at AND b.ended_at > a.started_at)), 0)
FROM attempts a WHERE (a.mode = 'INSTALL') = %s
"""


def counts(play: Play) -> dict[str, int]:
    """What happened."""
    found: dict[str, int] = {"runners at once, at most": play.peak}
    for pool in Pool:
        seen, finished = play.seen[pool], play.scaled_jobs[pool].finished
        runs = {row[0] for row in play.driver.sql(RUNS) if str(row[0]).startswith(pool)}
        found |= {
            f"{pool}: passes": seen.passes,
            f"{pool}: runners started": seen.started,
            f"{pool}: runners that found no job": len(finished) - len(runs),
            f"{pool}: runners that ended with an error": sum(code != 0 for code in finished.values()),
            f"{pool}: runners at once, at most": seen.peak,
            f"{pool}: attempts at once, at most": at_once(play, pool),
            f"{pool}: passes in a row in which a job waited for no runner, at most": seen.longest_uncovered,
        }
    found["creates that waited when the destroys were asked for"] = play.creates_waiting_at_first_destroy
    return found


def at_once(play: Play, pool: Pool) -> int:
    """By the database."""
    return int(play.driver.sql(AT_ONCE, pool is Pool.CREATES)[0][0])


def wrong(play: Play) -> Iterator[str]:
    """Everything that must not be."""
    if play.statuses() != play.wanted:
        yield f"clusters ended as {play.statuses()}, asked for were {play.wanted}"
    if alive := play.runners.alive():
        yield f"{alive} runners live"
    for pool in Pool:
        yield from _wrong_in(play, pool)
    for runner, mode, count in play.driver.sql(RUNS):
        if count != 1:
            yield f"{runner} has had {count} runs"
        if str(runner).startswith(Pool.CREATES) != (mode == "INSTALL"):
            yield f"{runner} has done a run of the mode {mode}"
    journal = play.driver.stack.folder / "journal.jsonl"
    evidence = Evidence(stack=play.driver.stack, journal=journal, accepted=play.driver.accepted)
    yield from map(str, violations(evidence))


def _wrong_in(play: Play, pool: Pool) -> Iterator[str]:
    seen, found = play.seen[pool], counts(play)
    if seen.longest_uncovered > MAX_UNCOVERED_PASSES:
        yield f"{pool}: for {seen.longest_uncovered} passes a job could start and no runner was on its way"
    if (idle := found[f"{pool}: runners that found no job"]) > max(1, MAX_WITHOUT_JOB * seen.started):
        yield f"{pool}: {idle} of {seen.started} runners found no job"
    if failed := found[f"{pool}: runners that ended with an error"]:
        yield f"{pool}: {failed} runners ended with an error"
    if (running := at_once(play, pool)) > play.plan.limits[pool]:
        yield f"{pool}: {running} ran at once, the limit is {play.plan.limits[pool]}"
