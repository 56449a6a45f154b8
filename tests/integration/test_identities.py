"""Sessions and mappings in the scheduler: once for a nonce, bound, audited, switched off."""

import hashlib
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl.internal.v1 import identity_service_pb2 as pb
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl_common.errors import KeyReused, NameTaken, NotAuthenticated, NotFound, NotPermitted, OcpctlError
from ocpctl_common.ids import new_session_id
from ocpctl_common.rpc.client import call
from ocpctl_common.rpc.peers import GATEWAY
from ocpctl_scheduler import identities
from ocpctl_scheduler.identities import InitialGrant

from tests.conftest import Database
from tests.integration.protocol import Protocol, context

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"


class Identities:
    """A scheduler with one mapping."""

    def __init__(self, database: Database) -> None:
        self.protocol = Protocol(database)
        self.stub = IdentityServiceStub(self.protocol.channel(GATEWAY))
        identities.ensure_grants(self.protocol.engine, [InitialGrant(arn=ROLE, role="requester", team="team-a")])

    def open(self, *, unique_id: str = "AROAONE", nonce: str = "", arn: str = ROLE) -> str:
        session_id = new_session_id()
        request = pb.OpenSessionRequest(
            session_id=session_id,
            principal=arn,
            account_id=ACCOUNT,
            unique_id=unique_id,
            nonce_sha256=hashlib.sha256((nonce or str(uuid.uuid4())).encode()).digest(),
            life_seconds=600,
            correlation_id="c",
        )
        call(self.stub.OpenSession, request, timeout=10)
        return session_id

    def create(self, arn: str, key: str = "", role: str = "auditor") -> pb.Mapping:
        request = pb.CreateMappingRequest(
            context=context(key or str(uuid.uuid4()), arn + role),
            iam_principal_arn=arn,
            account_id=ACCOUNT,
            team="audit",
            role=role,
            scope="all",
        )
        return call(self.stub.CreateMapping, request, timeout=10)

    def update(self, mapping_id: str, **changes: bool | int) -> dict[str, object]:
        request = pb.UpdateMappingRequest(context=context(str(uuid.uuid4()), str(changes)), mapping_id=mapping_id)
        for name, value in changes.items():
            setattr(request, name, value)
        return dict(json.loads(call(self.stub.UpdateMapping, request, timeout=10).document))

    def mapping_id(self) -> str:
        return str(self.protocol.sql("SELECT id FROM rbac_mappings")[0][0])

    def actions(self) -> list[str]:
        return [row[0] for row in self.protocol.sql("SELECT action FROM audit_events ORDER BY seq")]


@pytest.fixture
def known(database: Database) -> Identities:
    return Identities(database)


def test_the_first_session_binds_the_principal(known: Identities) -> None:
    known.open()
    assert known.protocol.sql("SELECT unique_id FROM rbac_mappings") == [("AROAONE",)]
    known.open()
    assert known.actions() == ["MAPPING_CREATED", "PRINCIPAL_BOUND", "SIGNED_IN", "SIGNED_IN"]


def test_a_role_that_was_made_anew_is_a_stranger_until_an_admin_says_so(known: Identities) -> None:
    known.open()
    with pytest.raises(NotPermitted, match="made the principal anew"):
        known.open(unique_id="AROATWO")
    known.update(known.mapping_id(), forget_unique_id=True)
    known.open(unique_id="AROATWO")


def test_a_stranger_is_told_what_to_do_and_leaves_no_session(known: Identities) -> None:
    with pytest.raises(NotPermitted, match="ask a platform admin") as refused:
        known.open(arn=f"arn:aws:iam::{ACCOUNT}:role/stranger")
    assert refused.value.reason == "NOT_ENROLLED"
    assert known.protocol.sql("SELECT count(*) FROM sessions") == [(0,)]


def test_a_nonce_opens_one_session_of_forty(known: Identities) -> None:
    def attempt(_: int) -> str:
        try:
            return known.open(nonce="same")
        except NotAuthenticated as error:
            return error.reason

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(40)))
    assert answers.count("NONCE_USED") == 39
    assert known.protocol.sql("SELECT count(*) FROM sessions") == [(1,)]


def test_a_mapping_that_is_off_or_over_lets_nobody_in(known: Identities) -> None:
    mapping_id = known.mapping_id()
    assert known.update(mapping_id, enabled=False)["enabled"] is False
    with pytest.raises(NotPermitted):
        known.open()
    known.update(mapping_id, enabled=True)
    known.open()
    known.protocol.sql("UPDATE rbac_mappings SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotPermitted):
        known.open()
    assert known.update(mapping_id, expires_in_hours=0)["expires_at"] is None
    known.open()


def revoke(known: Identities, session_id: str, *, owner: str = "", key: str = "") -> bool:
    asked = context(key or str(uuid.uuid4()), session_id)
    request = pb.RevokeSessionRequest(context=asked, session_id=session_id, owner=owner)
    return call(known.stub.RevokeSession, request, timeout=10).replayed


def test_a_session_is_revoked_by_its_owner_or_by_an_admin_and_once(known: Identities) -> None:
    session_id = known.open()
    with pytest.raises(NotFound):
        revoke(known, session_id, owner="arn:aws:iam::123456789012:user/other")
    assert known.protocol.sql("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL") == [(0,)]
    assert revoke(known, session_id, owner=ROLE, key="k") is False
    assert revoke(known, session_id, owner=ROLE, key="k") is True
    assert known.actions().count("SESSION_REVOKED") == 1
    with pytest.raises(NotFound):
        revoke(known, new_session_id())


def test_forty_creates_of_a_mapping_with_one_key_make_one(known: Identities) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/auditors"

    def attempt(_: int) -> str:
        try:
            return known.create(arn, key="k").document
        except OcpctlError as error:
            return error.reason

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(attempt, range(40))) - {"REQUEST_IN_PROGRESS"}
    assert len({json.loads(answer)["id"] for answer in answers}) == 1
    with pytest.raises(NameTaken):
        known.create(arn)
    with pytest.raises(KeyReused):
        known.create(arn, key="k", role="platform_admin")


def test_a_mapping_is_deleted(known: Identities) -> None:
    request = pb.DeleteMappingRequest(context=context("k", "x"), mapping_id=known.mapping_id())
    assert call(known.stub.DeleteMapping, request, timeout=10).replayed is False
    assert call(known.stub.DeleteMapping, request, timeout=10).replayed is True
    with pytest.raises(NotPermitted):
        known.open()


def test_initial_grants_are_made_once_and_stay_as_they_were_left(known: Identities) -> None:
    known.update(known.mapping_id(), enabled=False)
    identities.ensure_grants(known.protocol.engine, [InitialGrant(arn=ROLE, role="requester", team="team-a")])
    assert known.protocol.sql("SELECT enabled FROM rbac_mappings") == [(False,)]
