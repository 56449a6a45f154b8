"""The schema goes up, down and up again, and its constraints hold the invariants."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from ocpctl_migrations import VERSIONS
from ocpctl_scheduler import identities
from ocpctl_scheduler.identities import InitialGrant
from psycopg import errors

from tests.conftest import Database, migrate
from tests.integration.protocol import Protocol
from tests.waiting import wait_for


def test_down_and_up_again(database: Database) -> None:
    url = database.url("ocpctl_migrator")
    migrate(url, "downgrade", "base")
    with psycopg.connect(url) as connection:
        left = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert left == (1,)  # alembic_version
    migrate(url, "upgrade", "head")


def test_grants_that_were_planted_before_they_were_remembered_are_known(database: Database) -> None:
    protocol = Protocol(database)
    grants = [InitialGrant(arn=f"arn:aws:iam::123456789012:role/{n}", role="requester", team="a b") for n in "xyz"]
    identities.ensure_grants(protocol.engine, grants[:2])
    protocol.engine.dispose()
    url, revision = database.url("ocpctl_migrator"), next(VERSIONS.glob("*_grants.py")).name[:4]
    migrate(url, "downgrade", f"{revision}-1")
    protocol.sql("DELETE FROM rbac_mappings WHERE iam_principal_arn = %s", grants[0].arn)
    migrate(url, "upgrade", "head")
    identities.ensure_grants(protocol.engine, grants)
    found = protocol.sql("SELECT iam_principal_arn FROM rbac_mappings ORDER BY 1")
    assert [row[0] for row in found] == [grants[1].arn, grants[2].arn]


LOCK = "SELECT pg_advisory_lock(hashtext('ocpctl.migrations'))"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_two_migrations_at_once_do_not_wait_for_each_other(database: Database) -> None:
    """The second one waits for its turn while the first one builds indexes, which waits for older statements."""
    url = database.url("ocpctl_migrator")
    migrate(url, "downgrade", "0015")
    with ThreadPoolExecutor(2) as pool, psycopg.connect(url, autocommit=True) as before:  # its lock ends first
        before.execute(LOCK)
        both = [pool.submit(migrate, url, "upgrade", "head") for _ in range(2)]
        wait_for(lambda: before.execute(OTHERS).fetchone() == (2,), what="both at the database")
        time.sleep(1)  # they have asked for their turn
        before.execute("SELECT pg_advisory_unlock_all()")
        for one in both:
            one.result(120)


def test_an_index_that_could_not_be_built_is_built_the_next_time(database: Database) -> None:
    """What was done before it is done again, and clusters that were made meanwhile count, too."""
    url = database.url("ocpctl_migrator")
    migrate(url, "downgrade", "0015")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE audit_events_at ()")
        with pytest.raises(AssertionError, match="audit_events_at"):
            migrate(url, "upgrade", "head")
        protocol = Protocol(database)
        protocol.create()
        connection.execute("UPDATE jobs SET team = NULL")
        connection.execute("DROP TABLE audit_events_at")
        migrate(url, "upgrade", "head")
        assert connection.execute("SELECT team FROM jobs").fetchall() == [("t",)]
        assert connection.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid").fetchone() == (0,)


def test_no_statistics_say_that_a_table_is_empty(database: Database) -> None:
    """What is planned by them, as checks of foreign keys, would read a whole table as long as its session lives."""
    with psycopg.connect(database.url("ocpctl_migrator")) as connection:
        known = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND reltuples = 0 AND relname <> 'alembic_version'"
        ).fetchall()
    assert known == []


def test_a_job_of_an_older_scheduler_has_its_team(database: Database) -> None:
    protocol = Protocol(database)
    made = protocol.create()
    older = """INSERT INTO jobs (id, cluster_id, job_type, max_attempts, requested_by, correlation_id, status, ended_at)
               VALUES ('job_00000000000000000000000000', %s, 'DESTROY', 3, 'r', 'c', 'SUCCEEDED', now())"""
    protocol.sql(older, made.cluster_id)
    assert protocol.sql("SELECT DISTINCT team FROM jobs") == [("t",)]


DESCRIBED = "SELECT name, platform, base_domain, profile, owner, team, cost_center FROM clusters ORDER BY name"
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'clusters' ORDER BY indexname"


def test_clusters_are_described_by_their_specification_and_can_go_back(database: Database) -> None:
    protocol = Protocol(database)
    for name in ("one", "two"):
        protocol.create(name)
    described, newest = protocol.sql(DESCRIBED), protocol.sql(INDEXES)
    assert described[0] == ("one", "aws", "labs.example.com", "aws-minimal-test", "user@example.com", "t", "sandbox")
    protocol.engine.dispose()
    url, revision = database.url("ocpctl_migrator"), next(VERSIONS.glob("*_spec.py")).name[:4]
    migrate(url, "downgrade", revision)
    indexes = protocol.sql(INDEXES)
    migrate(url, "downgrade", f"{revision}-1")
    assert (protocol.sql(DESCRIBED), protocol.sql(INDEXES)) == (described, indexes)
    assert protocol.sql("SELECT DISTINCT region, version FROM clusters") == [("us-east-1", "4.20.3")]
    migrate(url, "upgrade", "head")
    assert (protocol.sql(DESCRIBED), protocol.sql(INDEXES)) == (described, newest)


def test_messages_of_another_destination_are_not_lost_by_going_back(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create()
    other = """INSERT INTO outbox (destination, kind, pool, group_id, dedup_id, body, attributes)
               VALUES ('notices', 'notice', NULL, 'g', 'd', '{}', '{}')"""
    protocol.sql(other)
    protocol.engine.dispose()
    url, revision = database.url("ocpctl_migrator"), next(VERSIONS.glob("*_destinations.py")).name[:4]
    with pytest.raises(AssertionError, match="contains null values"):
        migrate(url, "downgrade", f"{revision}-1")
    protocol.sql("UPDATE outbox SET published_at = now() WHERE destination = 'notices'")
    migrate(url, "downgrade", f"{revision}-1")
    assert protocol.sql("SELECT pool FROM outbox") == [("creates",)]
    migrate(url, "upgrade", "head")
    assert protocol.sql("SELECT destination, kind, pool FROM outbox") == [("jobs", "job-dispatch", "creates")]


@pytest.mark.parametrize("place", ["'jobs', NULL", "'notices', 'creates'"])
def test_job_dispatch_alone_has_a_pool(database: Database, place: str) -> None:
    statement = f"""INSERT INTO outbox (destination, pool, group_id, dedup_id, body, attributes)
                    VALUES ({place}, 'g', 'd', '{{}}', '{{}}')"""
    refused(database, "ocpctl_scheduler", statement, errors.CheckViolation)


def refused(database: Database, role: str, statement: str, kind: type[psycopg.Error]) -> None:
    with psycopg.connect(database.url(role)) as connection, pytest.raises(kind):
        connection.execute(statement)


def test_the_money_rule(database: Database) -> None:
    protocol = Protocol(database)
    granted = protocol.granted()
    statement = f"UPDATE attempts SET authorized_at = now(), cleanup = 'REQUIRED' WHERE id = '{granted.attempt_id}'"
    refused(database, "ocpctl_scheduler", statement, errors.CheckViolation)


def test_one_running_job_a_cluster(database: Database) -> None:
    protocol = Protocol(database)
    granted = protocol.granted()
    protocol.destroy(granted.cluster_id)
    statement = f"UPDATE jobs SET status = 'RUNNING' WHERE cluster_id = '{granted.cluster_id}' AND job_type = 'DESTROY'"
    refused(database, "ocpctl_scheduler", statement, errors.UniqueViolation)


def test_a_name_with_resources_cannot_be_released(database: Database) -> None:
    protocol = Protocol(database)
    accepted = protocol.create()
    statement = (
        f"UPDATE clusters SET resources_remaining = true, name_released_at = now() WHERE id = '{accepted.cluster_id}'"
    )
    refused(database, "ocpctl_scheduler", statement, errors.CheckViolation)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit_events SET actor = 'x'", errors.InsufficientPrivilege),
        ("DELETE FROM audit_events", errors.InsufficientPrivilege),
        ("TRUNCATE audit_events", errors.InsufficientPrivilege),
        ("DELETE FROM clusters", errors.InsufficientPrivilege),
        ("DROP TABLE clusters", errors.InsufficientPrivilege),
    ],
)
def test_what_the_scheduler_may_not(database: Database, statement: str, kind: type[psycopg.Error]) -> None:
    Protocol(database).create()
    refused(database, "ocpctl_scheduler", statement, kind)


def test_not_even_the_owner_changes_the_audit_by_accident(database: Database) -> None:
    Protocol(database).create()
    refused(database, "ocpctl_migrator", "UPDATE audit_events SET actor = 'x'", errors.InsufficientPrivilege)


@pytest.mark.parametrize("statement", ["UPDATE jobs SET status = 'FAILED'", "INSERT INTO outbox DEFAULT VALUES"])
def test_the_reader_reads_only(database: Database, statement: str) -> None:
    refused(database, "ocpctl_reader", statement, errors.InsufficientPrivilege)


def test_a_forged_audit_row_breaks_the_chain(database: Database) -> None:
    protocol = Protocol(database)
    granted = protocol.granted()
    protocol.authorize(granted)
    with psycopg.connect(database.url("ocpctl_migrator"), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM audit_breaks").fetchone() == (0,)
        connection.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_append_only")
        connection.execute("UPDATE audit_events SET actor = 'someone else' WHERE action = 'CREATE_REQUESTED'")
        breaks = connection.execute("SELECT count(*) FROM audit_breaks").fetchone()
    assert breaks is not None
    assert breaks[0] >= 1
