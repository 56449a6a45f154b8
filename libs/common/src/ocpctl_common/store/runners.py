"""Runners: each id belongs to one process at a time."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import deletion
from ocpctl_common.store.rows import values_of

# Takes the id when it is free, ours already, or its holder has been silent for longer than it said.
ANNOUNCE = text("""
INSERT INTO runners (id, instance, slots, busy, seen_at, valid_until)
VALUES (:runner_id, CAST(:instance_id AS uuid), :slots, :busy, clock_timestamp(),
        clock_timestamp() + make_interval(secs => :valid_seconds))
ON CONFLICT (id) DO UPDATE SET instance = excluded.instance, slots = excluded.slots, busy = excluded.busy,
  seen_at = excluded.seen_at, valid_until = excluded.valid_until,
  first_seen_at = CASE WHEN runners.instance = excluded.instance THEN runners.first_seen_at ELSE excluded.seen_at END
WHERE runners.instance = excluded.instance OR runners.valid_until <= clock_timestamp()
""")
IS_OTHERS = text("SELECT count(*) FROM runners WHERE id = :runner_id AND instance <> CAST(:instance_id AS uuid)")

PRUNE = text(deletion("runners", "seen_at < statement_timestamp() - interval '1 day'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A sign of life; it holds for `valid_seconds`."""

    runner_id: str
    instance_id: str
    slots: int
    busy: int
    valid_seconds: float


def announce(tx: Transaction, sign: Announcement) -> bool:
    """Stores the sign of life. False: another process has the id and is alive."""
    return tx.execute(ANNOUNCE, values_of(sign)).rowcount == 1


def is_others(tx: Transaction, runner_id: str, instance_id: str) -> bool:
    """Whether another process has announced itself under the id."""
    return bool(tx.execute(IS_OTHERS, {"runner_id": runner_id, "instance_id": instance_id}).scalar_one())


def prune(tx: Transaction, *, limit: int) -> int:
    """Deletes runners that nobody has heard of for a day, at most `limit`: no list shows them. Returns how many."""
    return tx.execute(PRUNE, {"limit": limit}).rowcount
