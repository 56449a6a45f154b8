"""Sessions and mappings in the scheduler: once for a nonce, bound, audited, switched off."""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest
from ocpctl.internal.v1 import identity_service_pb2 as pb
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl_common.clock import utc_now
from ocpctl_common.errors import (
    KeyReused,
    NameTaken,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OcpctlError,
    WrongState,
)
from ocpctl_common.ids import new_session_id
from ocpctl_common.rpc.client import call
from ocpctl_common.rpc.peers import GATEWAY
from ocpctl_common.store.engine import make_engine
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

    def delete(self, mapping_id: str) -> bool:
        asked = context(str(uuid.uuid4()), mapping_id)
        return call(
            self.stub.DeleteMapping, pb.DeleteMappingRequest(context=asked, mapping_id=mapping_id), timeout=10
        ).replayed

    def plant(self, *grants: InitialGrant) -> None:
        identities.ensure_grants(self.protocol.engine, grants)

    def admin(self, name: str) -> str:
        return str(json.loads(self.create(f"arn:aws:iam::{ACCOUNT}:role/{name}", role="platform_admin").document)["id"])

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


def extend(known: Identities, session_id: str, *, arn: str = ROLE, life: float = 600, limit: float = 900) -> float:
    """Seconds from now until it ends."""
    request = pb.ExtendSessionRequest(
        session_id=session_id, principal=arn, life_seconds=life, max_seconds=limit, correlation_id="c"
    )
    ends = call(known.stub.ExtendSession, request, timeout=10).expire_time.ToDatetime(tzinfo=UTC)
    return (ends - utc_now()).total_seconds()


def test_a_session_is_extended_within_its_whole_life(known: Identities) -> None:
    session_id = known.open()
    assert 590 < extend(known, session_id) <= 600
    known.protocol.sql(
        "UPDATE sessions SET created_at = created_at - interval '500 s', expires_at = expires_at - interval '500 s'"
    )
    assert 390 < extend(known, session_id) <= 400, "900 in all"
    assert 390 < extend(known, session_id, limit=450) <= 400, "it never ends sooner than it was told"
    assert known.actions()[-1] == "SESSION_EXTENDED"


def test_only_an_open_session_is_extended_and_only_by_its_owner(known: Identities) -> None:
    session_id = known.open()
    with pytest.raises(NotAuthenticated):
        extend(known, session_id, arn=f"arn:aws:iam::{ACCOUNT}:role/other")
    known.protocol.sql("UPDATE sessions SET expires_at = clock_timestamp()")
    with pytest.raises(NotAuthenticated, match="sign in again"):
        extend(known, session_id)
    revoked = known.open()
    revoke(known, revoked)
    with pytest.raises(NotAuthenticated):
        extend(known, revoked)


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


GRANT = InitialGrant(arn=ROLE, role="requester", team="team-a")
ADMINS = InitialGrant(arn=f"arn:aws:iam::{ACCOUNT}:role/admins", role="platform_admin", team="platform")
LASTING = "SELECT count(*) FROM rbac_mappings WHERE role = 'platform_admin' AND enabled AND expires_at IS NULL"


def test_a_start_undoes_nothing_of_what_people_did_to_an_initial_grant(known: Identities) -> None:
    known.open(unique_id="AROAONE")
    known.update(known.mapping_id(), enabled=False, expires_in_hours=2)
    left = known.protocol.sql("SELECT id, enabled, expires_at, unique_id FROM rbac_mappings")
    known.plant(GRANT)
    assert known.protocol.sql("SELECT id, enabled, expires_at, unique_id FROM rbac_mappings") == left


def test_an_initial_grant_that_was_deleted_stays_deleted(known: Identities) -> None:
    known.open(unique_id="AROAONE")
    known.delete(known.mapping_id())
    known.plant(GRANT)
    assert known.protocol.sql("SELECT count(*) FROM rbac_mappings") == [(0,)]
    with pytest.raises(NotPermitted):
        known.open(unique_id="AROATWO")


def test_a_later_start_plants_only_the_new_grants(known: Identities) -> None:
    known.delete(known.mapping_id())
    known.plant(GRANT, ADMINS, ADMINS)
    assert known.protocol.sql("SELECT iam_principal_arn FROM rbac_mappings") == [(ADMINS.arn,)]
    assert known.actions().count("MAPPING_CREATED") == 2


def test_what_an_admin_has_mapped_already_is_left_as_it_is(known: Identities) -> None:
    known.admin("admins")
    known.protocol.sql("UPDATE rbac_mappings SET team = 'platform', enabled = false WHERE role = 'platform_admin'")
    known.plant(ADMINS)
    assert known.protocol.sql("SELECT enabled FROM rbac_mappings WHERE role = 'platform_admin'") == [(False,)]
    known.protocol.sql("DELETE FROM rbac_mappings WHERE role = 'platform_admin'")
    known.plant(ADMINS)
    assert known.protocol.sql("SELECT count(*) FROM rbac_mappings WHERE role = 'platform_admin'") == [(0,)]


def at_once(calls: Sequence[Callable[[], object]]) -> list[str]:
    """The reason of each call's error, or nothing."""
    together = threading.Barrier(len(calls))

    def run(one: Callable[[], object]) -> str:
        together.wait()
        try:
            one()
        except OcpctlError as error:
            return f"{error.reason}: {error.message}"
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_schedulers_that_start_together_on_a_fresh_database_all_live(database: Database) -> None:
    grants = [InitialGrant(arn=f"arn:aws:iam::{ACCOUNT}:role/r{n}", role="requester", team="team-a") for n in range(5)]
    orders = (grants, grants[::-1], grants[2:], grants[:1])
    engines = [make_engine(database.url(), pool_size=1, application_name=f"scheduler-{n}") for n in range(4)]

    def start(number: int) -> Callable[[], object]:
        return lambda: identities.ensure_grants(engines[number], orders[number])

    assert at_once([start(number) for number in range(4)]) == [""] * 4
    with engines[0].connect() as connection:
        found = connection.exec_driver_sql("SELECT iam_principal_arn FROM rbac_mappings").scalars().all()
    assert sorted(found) == [grant.arn for grant in grants]


@pytest.mark.parametrize("change", ["delete", "disable", "end"])
def test_the_last_platform_admin_stays(known: Identities, change: str) -> None:
    known.plant(ADMINS)
    mapping_id = str(known.protocol.sql("SELECT id FROM rbac_mappings WHERE role = 'platform_admin'")[0][0])
    changes: dict[str, Callable[[], object]] = {
        "delete": lambda: known.delete(mapping_id),
        "disable": lambda: known.update(mapping_id, enabled=False),
        "end": lambda: known.update(mapping_id, expires_in_hours=1000),
    }
    with pytest.raises(WrongState, match="another") as refused:
        changes[change]()
    assert refused.value.reason == "LAST_ADMIN"
    assert known.protocol.sql(LASTING) == [(1,)]
    assert known.actions()[-1] == "MAPPING_CREATED"
    known.admin("second")
    changes[change]()
    assert known.protocol.sql(LASTING) == [(1,)]


def test_an_admin_whose_time_runs_out_is_no_replacement_for_the_last(known: Identities) -> None:
    known.plant(ADMINS)
    last = str(known.protocol.sql("SELECT id FROM rbac_mappings WHERE role = 'platform_admin'")[0][0])
    for mapping_id, change in ((known.admin("visitor"), "expires_in_hours"), (known.admin("gone"), "off")):
        known.update(mapping_id, **({"expires_in_hours": 5} if change == "expires_in_hours" else {"enabled": False}))
    with pytest.raises(WrongState):
        known.delete(last)


def test_of_admins_whose_time_runs_out_the_longest_stays(known: Identities) -> None:
    short, long = known.admin("short"), known.admin("long")
    ends = "UPDATE rbac_mappings SET expires_at = now() + make_interval(hours => %s::int) WHERE id = %s"
    for hours, mapping_id in ((2, short), (5, long)):
        known.protocol.sql(ends, hours, mapping_id)
    with pytest.raises(WrongState):
        known.update(long, expires_in_hours=3)
    known.update(long, expires_in_hours=9)
    known.delete(short)


def test_two_last_admins_are_not_both_taken_at_the_same_moment(known: Identities) -> None:
    for round_ in range(10):
        pair = [known.admin(f"a{round_}"), known.admin(f"b{round_}")]
        changes: list[Callable[[], object]] = [
            lambda pair=pair: known.delete(pair[0]),  # type: ignore[misc]
            lambda pair=pair: known.update(pair[1], enabled=False),  # type: ignore[misc]
        ]
        answers = sorted(at_once(changes))
        assert answers[0] == ""
        assert answers[1].startswith("LAST_ADMIN")
        assert known.protocol.sql(LASTING) == [(1,)]
        known.protocol.sql("DELETE FROM rbac_mappings WHERE role = 'platform_admin'")


def test_a_new_initial_grant_lets_somebody_in_when_no_admin_can(known: Identities) -> None:
    known.plant(ADMINS)
    known.open(arn=ADMINS.arn, unique_id="AROAOLD")
    with pytest.raises(NotPermitted):
        known.open(arn=ADMINS.arn, unique_id="AROANEW")  # the role was made again, and nobody else is an admin
    known.plant(ADMINS)
    with pytest.raises(NotPermitted):
        known.open(arn=ADMINS.arn, unique_id="AROANEW")
    known.plant(ADMINS, InitialGrant(arn=ADMINS.arn, role="platform_admin", team="break-glass"))
    known.open(arn=ADMINS.arn, unique_id="AROANEW")
