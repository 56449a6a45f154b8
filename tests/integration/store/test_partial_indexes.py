"""A partial index serves a statement only while the statement names the words that the index was made with."""

import pytest
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.queries import janitor, operations
from sqlalchemy import TextClause, text

from tests.conftest import Database

VALUES = {"limit": 10, "silence": 60.0}


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        pytest.param(janitor.EXPIRED, "clusters_expiry", id="expired clusters"),
        pytest.param(janitor.EXPIRED, "clusters_abandoned", id="abandoned clusters"),
        pytest.param(janitor.SILENT_JOBS, "jobs_due", id="silent jobs"),
        pytest.param(janitor.DUE_VERIFICATIONS, "jobs_one_open_of_a_kind", id="due verifications"),
        pytest.param(operations.QUEUE, "jobs_one_open_of_a_kind", id="queue"),
    ],
)
def test_the_partial_index_serves_the_statement(database: Database, statement: TextClause, index: str) -> None:
    engine = make_engine(database.url("ocpctl_scheduler"), pool_size=1, application_name="plans")
    values = {name: VALUES[name] for name in statement.compile().params}
    with engine.connect() as tx:
        tx.execute(text("SET enable_seqscan = off"))
        plan = "\n".join(tx.execute(text(f"EXPLAIN {statement.text}"), values).scalars())
    assert index in plan
