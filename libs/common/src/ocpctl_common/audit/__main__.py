"""`python -m ocpctl_common.audit verify …`: whether the audit is what was written. Exit code 1: it is not.

It reads either a database (role ocpctl_reader is enough) or a file that GET /api/v1/audit/export gave, and computes
every chain anew. What a chain cannot tell: that its newest events were cut off. Keep exports elsewhere to see that.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpctl_common.audit import chain, exported
from ocpctl_common.audit.chain import ChainedEvent
from ocpctl_common.audit.exported import NotVerifiable
from ocpctl_common.errors import OcpctlError
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.queries.audit import AuditFilter, export

VARIABLE = "OCPCTL_DATABASE_URL"
WHAT_TO_DO = (
    "Do not repair anything. Keep this database and its backups as they are, find the last export or backup in which "
    "the chain is whole, compare the events around the break, and treat the difference as an incident: only somebody "
    "with the power of the table's owner can have made it (docs/runbooks/audit-break.md)."
)


def main(words: list[str] | None = None) -> int:
    """0: every chain is whole; 1: one is broken; 2: it could not be verified."""
    parser = argparse.ArgumentParser(prog="python -m ocpctl_common.audit", description=__doc__)
    verify = parser.add_subparsers(dest="command", required=True).add_parser("verify", help="compute the chains anew")
    verify.add_argument("--database", help=f"postgresql:// URL; default: {VARIABLE}")
    verify.add_argument("--file", type=Path, help="an export as NDJSON, instead of a database")
    asked = parser.parse_args(words)
    try:
        with _source(asked) as events:
            return _say(chain.verify(events))
    except (NotVerifiable, OcpctlError, OSError, ValueError) as error:
        sys.stderr.write(f"not verified: {error}\n")
        return 2


@contextmanager
def _source(asked: argparse.Namespace) -> Iterator[Iterator[ChainedEvent]]:
    if asked.file:
        with asked.file.open() as lines:
            exported.check_whole(lines)
            lines.seek(0)
            yield exported.events(lines)
        return
    url = asked.database or os.environ.get(VARIABLE)
    if not url:
        raise NotVerifiable(f"name a database (--database or {VARIABLE}) or an export (--file)")
    engine = make_engine(url, pool_size=1, application_name="ocpctl-audit")
    try:
        yield export(engine, AuditFilter())
    finally:
        engine.dispose()


def _say(verdict: chain.Verdict) -> int:
    if verdict.broken is None:
        sys.stdout.write(f"whole: {verdict.chains} chains, {verdict.events} events\n")
        return 0
    found = verdict.broken
    sys.stdout.write(
        f"BROKEN after {verdict.events} good events in {verdict.chains} chains\n"
        f"  event {found.event_id} (sequence {found.seq}) in the chain of {found.chain} {found.what}\n{WHAT_TO_DO}\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
