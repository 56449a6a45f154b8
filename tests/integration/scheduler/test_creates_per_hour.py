"""A team may create so many clusters an hour; what makes no cluster does not count."""

from dataclasses import replace

import pytest
from ocpctl_common.errors import KeyReused, NameTaken, RateLimited

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol

LIMIT = 3
LIMITED = replace(RULES, creates_per_hour=LIMIT)


def at_the_limit(database: Database) -> Protocol:
    protocol = Protocol(database, LIMITED)
    for number in range(LIMIT):
        protocol.create(f"c{number}", key=f"k{number}")
    return protocol


def clusters(protocol: Protocol) -> int:
    count: int = protocol.sql("SELECT count(*) FROM clusters")[0][0]
    return count


def test_one_more_is_refused_and_told_when_to_try_again(database: Database) -> None:
    protocol = at_the_limit(database)
    protocol.sql("UPDATE clusters SET created_at = created_at - interval '20 minutes'")
    with pytest.raises(RateLimited, match="team t has created 3 clusters within an hour") as refused:
        protocol.create("more", key="more")
    assert 2_390 < (refused.value.retry_after_seconds or 0) <= 2_400
    assert clusters(protocol) == LIMIT
    assert protocol.sql("SELECT count(*) FROM idempotency_keys WHERE key = 'more'") == [(0,)]


def test_the_refused_request_is_accepted_with_the_same_key_when_its_time_has_come(database: Database) -> None:
    protocol = at_the_limit(database)
    with pytest.raises(RateLimited):
        protocol.create("more", key="more")
    protocol.sql("UPDATE clusters SET created_at = created_at - interval '1 hour' WHERE name = 'c0'")
    assert protocol.create("more", key="more").replayed is False


def test_a_repeated_request_does_not_count_and_is_answered_at_the_limit(database: Database) -> None:
    protocol = Protocol(database, LIMITED)
    for _ in range(LIMIT + 1):
        protocol.create("c0", key="k0")
    protocol.create("c1", key="k1")
    protocol.create("c2", key="k2")
    assert protocol.create("c0", key="k0").replayed is True
    with pytest.raises(KeyReused):
        protocol.create("other", key="k0")


def test_a_refused_name_does_not_count(database: Database) -> None:
    protocol = Protocol(database, LIMITED)
    protocol.create("c0")
    for _ in range(LIMIT):
        with pytest.raises(NameTaken):
            protocol.create("c0")
    protocol.create("c1")


def test_another_team_has_an_hour_of_its_own(database: Database) -> None:
    protocol = at_the_limit(database)
    protocol.sql("""UPDATE clusters SET spec = jsonb_set(spec, '{team}', '"another"')""")
    assert protocol.create("more").status == "PENDING"


def test_a_check_refuses_what_a_create_would_refuse_and_stores_nothing(database: Database) -> None:
    protocol = Protocol(database, LIMITED)
    protocol.check_create()
    for number in range(LIMIT):
        protocol.check_create(f"c{number}")
        protocol.create(f"c{number}")
    with pytest.raises(NameTaken):
        protocol.check_create("c0", team="another")
    with pytest.raises(RateLimited, match="team t has created 3 clusters within an hour") as refused:
        protocol.check_create("more")
    assert (refused.value.retry_after_seconds or 0) > 0
    protocol.check_create("more", team="another")
    assert clusters(protocol) == LIMIT
    protocol.sql("UPDATE clusters SET name_released_at = now(), created_at = created_at - interval '1 hour'")
    protocol.check_create("c0")


def test_without_a_limit_a_check_looks_at_the_name_alone(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create("c0")
    protocol.check_create("c1")


def test_a_default_that_is_left_out_and_the_same_written_out_are_one_request(database: Database) -> None:
    protocol = Protocol(database)
    first = protocol.create("c0", key="k", content="defaults left out", spec="s")
    again = protocol.create("c0", key="k", content="defaults written out", spec="s")
    assert (again.cluster_id, again.replayed) == (first.cluster_id, True)
    with pytest.raises(KeyReused):
        protocol.create("c0", key="k", content="another", spec="another")
