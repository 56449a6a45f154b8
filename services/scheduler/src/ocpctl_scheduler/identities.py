"""Sessions and role mappings: each change with its audit row, and with its answer when it has an idempotency key."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ocpctl_common import access
from ocpctl_common.access import Caller, RoleMapping
from ocpctl_common.clock import utc_now
from ocpctl_common.errors import NotPermitted, WrongState
from ocpctl_common.ids import MappingId, SessionId, new_mapping_id
from ocpctl_common.requests import RequestKey
from ocpctl_common.store import history, mappings, sessions
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.mappings import MappingChange, NewMapping
from ocpctl_common.store.sessions import Extension, NewSession

from ocpctl_scheduler.actors import SCHEDULER
from ocpctl_scheduler.idempotency import once


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, new or replayed, as JSON."""

    document: str
    replayed: bool = False

    def to_json(self) -> str:
        """What is stored with the key."""
        return self.document

    @classmethod
    def again(cls, stored: Mapping[str, Any]) -> "Answered":
        """The answer of an earlier call."""
        return cls(document=json.dumps(stored), replayed=True)


DONE = Answered(document="{}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialGrant:
    """A mapping that the first start that knows it makes, so that somebody can make the others."""

    arn: str
    role: str
    team: str


def open_session(engine: Database, new: NewSession, correlation_id: str) -> str:
    """When the session ends, RFC 3339. Binds the principal's mappings to its unique id.

    Raises NotPermitted when no mapping lets the principal in, NotAuthenticated when the nonce was used, Unavailable.
    """
    caller = Caller(arn=new.principal_arn, account_id=new.account_id, unique_id=new.unique_id)
    with transaction(engine) as tx:
        known = mappings.lock_account(tx, new.account_id)
        if not access.grants(known, caller, utc_now()):
            raise NotPermitted(_stranger(known, caller), reason="NOT_ENROLLED")
        expires_at = sessions.insert(tx, new)
        for mapping in known:
            if access.names(mapping, caller) and mappings.bind(tx, mapping, new.unique_id):
                _audit(tx, caller.arn, "PRINCIPAL_BOUND", f"{mapping.id} to {new.unique_id}", correlation_id)
        _audit(tx, caller.arn, "SIGNED_IN", new.id, correlation_id)
        return expires_at.isoformat()


def extend_session(engine: Database, longer: Extension, correlation_id: str) -> str:
    """When the session ends now, RFC 3339. Raises NotAuthenticated, Unavailable."""
    with transaction(engine) as tx:
        expires_at = sessions.extend(tx, longer)
        _audit(tx, longer.principal_arn, "SESSION_EXTENDED", longer.id, correlation_id)
        return expires_at.isoformat()


def _stranger(known: Iterable[RoleMapping], caller: Caller) -> str:
    """What to tell somebody who is not let in."""
    if any(mapping.iam_principal_arn == caller.arn and mapping.unique_id for mapping in known):
        return (
            f"{caller.arn} was enrolled, but its role has ended, or AWS has made the principal anew since (it is "
            f"{caller.unique_id} now): ask a platform admin"
        )
    return f"{caller.arn} has no role here: ask a platform admin to map it to a team"


def revoke_session(
    engine: Database, request: RequestKey, session_id: SessionId, *, owner: str, correlation_id: str
) -> bool:
    """Whether an earlier call with the key has done it. Raises NotFound, KeyReused, RequestInProgress."""

    def revoke(tx: Transaction) -> Answered:
        sessions.revoke(tx, session_id, owner=owner, by=request.principal)
        _audit(tx, request.principal, "SESSION_REVOKED", session_id, correlation_id)
        return DONE

    return once(engine, request, revoke, Answered.again).replayed


def create_mapping(engine: Database, request: RequestKey, new: NewMapping, correlation_id: str) -> Answered:
    """The mapping as JSON. Raises NameTaken, KeyReused, RequestInProgress."""

    def create(tx: Transaction) -> Answered:
        mapping = mappings.insert(tx, new)
        _audit(tx, new.created_by, "MAPPING_CREATED", _summary(mapping), correlation_id)
        return Answered(document=document(mapping))

    return once(engine, request, create, Answered.again)


def update_mapping(engine: Database, request: RequestKey, change: MappingChange, correlation_id: str) -> Answered:
    """The mapping as JSON. Raises NotFound, WrongState, KeyReused, RequestInProgress."""

    def update(tx: Transaction) -> Answered:
        with _admins_stay(tx):
            mapping = mappings.update(tx, change)
        _audit(tx, request.principal, "MAPPING_UPDATED", _summary(mapping), correlation_id)
        return Answered(document=document(mapping))

    return once(engine, request, update, Answered.again)


def delete_mapping(engine: Database, request: RequestKey, mapping_id: MappingId, correlation_id: str) -> bool:
    """Whether an earlier call with the key has done it. Raises NotFound, WrongState, KeyReused, RequestInProgress."""

    def delete(tx: Transaction) -> Answered:
        with _admins_stay(tx):
            mappings.delete(tx, mapping_id)
        _audit(tx, request.principal, "MAPPING_DELETED", mapping_id, correlation_id)
        return DONE

    return once(engine, request, delete, Answered.again).replayed


@contextmanager
def _admins_stay(tx: Transaction) -> Iterator[None]:
    """The change in the block leaves platform admins for as long as there were any before. Raises WrongState."""
    mappings.lock(tx)
    now = utc_now()
    before = access.administered_until(mappings.admins(tx), now)
    yield
    after = access.administered_until(mappings.admins(tx), now)
    if after < before:
        since = "" if after == now else f" from {after.isoformat(timespec='seconds')} on"
        message = f"nobody would be a platform admin{since}: enrol another platform admin without an end first"
        raise WrongState(message, reason="LAST_ADMIN")


def ensure_grants(engine: Database, grants: Iterable[InitialGrant]) -> None:
    """Plants each grant that no start has planted before. A grant that people have changed since stays as it is."""
    with transaction(engine) as tx:
        mappings.lock(tx)
        planted = [mapping for new in map(_initial, grants) if (mapping := mappings.plant(tx, new))]
        for mapping in planted:
            _audit(tx, SCHEDULER, "MAPPING_CREATED", _summary(mapping), correlation_id="initial")


def _initial(grant: InitialGrant) -> NewMapping:
    arn, account = access.principal_arn(grant.arn)
    return NewMapping(
        id=new_mapping_id(),
        iam_principal_arn=arn,
        account_id=account,
        team=grant.team,
        role=grant.role,
        scope=access.TEAM if grant.role == access.REQUESTER else access.ALL,
        expires_in_hours=None,
        created_by=SCHEDULER,
    )


def document(mapping: RoleMapping) -> str:
    """A mapping as JSON; times are RFC 3339."""
    return json.dumps(asdict(mapping), default=_plain)


def _plain(value: Any) -> str:
    return str(value.isoformat())


def _summary(mapping: RoleMapping) -> str:
    until = mapping.expires_at.isoformat() if mapping.expires_at else "ever"
    state = "" if mapping.enabled else ", switched off"
    return f"{mapping.id}: {mapping.iam_principal_arn} is {mapping.role} of {mapping.team} until {until}{state}"


def _audit(tx: Transaction, actor: str, action: str, reason: str, correlation_id: str) -> None:
    event = history.new_event(actor=actor, action=action, correlation_id=correlation_id, reason=reason)
    history.audit(tx, event)
