"""How many SQL statements a step of the lease protocol costs: a row that was read or written is not read again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from sqlalchemy import event

from tests.conftest import Database
from tests.integration.protocol import Protocol

ACCOUNT = "123456789012"


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@contextmanager
def counted(protocol: Protocol) -> Iterator[list[str]]:
    """The statements that the scheduler sends meanwhile."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *words: Any) -> None:
        sent.append(" ".join(statement.split()))

    event.listen(protocol.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(protocol.engine, "before_cursor_execute", note)


def acquired(protocol: Protocol, job_id: str, limit: int) -> pb.Grant:
    with counted(protocol) as sent:
        grant = protocol.acquire(job_id, account=ACCOUNT).grant
    assert len(sent) <= limit, "\n".join(sent)
    return grant


def reported(protocol: Protocol, grant: pb.Grant, limit: int) -> None:
    with counted(protocol) as sent:
        protocol.report(grant, "SUCCEEDED")
    assert len(sent) <= limit, "\n".join(sent)


def test_what_a_create_costs(protocol: Protocol) -> None:
    grant = acquired(protocol, protocol.create().job_id, 11)
    protocol.authorize(grant)
    reported(protocol, grant, 14)


def test_what_a_scaling_costs(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    grant = acquired(protocol, protocol.scale(cluster_id).job_id, 8)
    reported(protocol, grant, 12)


def test_what_a_destroy_costs(protocol: Protocol) -> None:
    ready = protocol.ready()
    grant = acquired(protocol, protocol.destroy(ready.cluster_id).job_id, 11)
    protocol.verified(grant, ready.attempt_id)
    reported(protocol, grant, 13)
