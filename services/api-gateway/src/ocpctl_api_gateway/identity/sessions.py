"""Sessions: what a sign-in becomes. The token is a JWT that Envoy verifies; the database knows that it exists."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl_common.access import Caller
from ocpctl_common.ids import SessionId, new_session_id
from ocpctl_common.rpc import context as call_context
from ocpctl_common.sts.identity import CallerIdentity, IdentityVerifier
from ocpctl_common.sts.proof import LoginProof

from ocpctl_api_gateway.identity import nonces
from ocpctl_api_gateway.identity.door import csrf_digest
from ocpctl_api_gateway.identity.signing import SigningKeys
from ocpctl_api_gateway.identity_port import IdentityPort
from ocpctl_api_gateway.principal import Claims

ISSUER = "ocpctl"
# Envoy takes the token from here, its envoy.yaml says so; the prefix binds it to host, path and TLS.
COOKIE = "__Host-ocpctl-session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session and its token. `csrf_token` is empty unless the session is new and the token is for a cookie."""

    id: SessionId
    principal_arn: str
    token: str
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Opens them."""

    verifier: IdentityVerifier
    scheduler: IdentityPort
    keys: SigningKeys
    clock: Callable[[], datetime]
    audience: str
    life: timedelta
    most: timedelta  # in all, however often it is extended

    def nonce(self) -> tuple[str, datetime]:
        """A nonce to sign, and when it ends."""
        return nonces.make(self.keys.secret(), self.clock())

    def open(self, proof: LoginProof, *, cookie: bool) -> Opened:
        """A session for whoever made the proof.

        Raises InvalidRequest, NotAuthenticated, NotPermitted (nobody of ours), Unavailable.
        """
        nonces.check(proof.nonce, self.keys.secrets(), self.clock())
        who = self.verifier.verify(proof)
        session_id = new_session_id()
        answer = self.scheduler.open_session(self._wish(session_id, who, proof.nonce))
        csrf = secrets.token_urlsafe(32) if cookie else ""
        claims = Claims(
            caller=Caller(arn=who.arn, account_id=who.account, unique_id=who.unique_id),
            session_name=who.session_name,
            session_id=session_id,
            csrf=csrf_digest(csrf) if csrf else "",
        )
        ends = answer.expire_time.ToDatetime(tzinfo=UTC)
        token = self._token(claims, ends)
        return Opened(id=session_id, principal_arn=who.arn, token=token, csrf_token=csrf, expires_at=ends)

    def extend(self, claims: Claims) -> Opened:
        """The same session with a new token. Raises NotAuthenticated, Unavailable."""
        answer = self.scheduler.extend_session(
            identity_pb.ExtendSessionRequest(
                session_id=claims.session_id,
                principal=claims.caller.arn,
                life_seconds=self.life.total_seconds(),
                most_seconds=self.most.total_seconds(),
                correlation_id=call_context.request_id(),
            )
        )
        ends = answer.expire_time.ToDatetime(tzinfo=UTC)
        token = self._token(claims, ends)
        session_id, arn = SessionId(claims.session_id), claims.caller.arn
        return Opened(id=session_id, principal_arn=arn, token=token, csrf_token="", expires_at=ends)

    def _wish(self, session_id: SessionId, who: CallerIdentity, nonce: str) -> identity_pb.OpenSessionRequest:
        return identity_pb.OpenSessionRequest(
            session_id=session_id,
            principal=who.arn,
            account_id=who.account,
            unique_id=who.unique_id,
            session_name=who.session_name,
            nonce_sha256=nonces.digest(nonce),
            life_seconds=self.life.total_seconds(),
            correlation_id=call_context.request_id(),
        )

    def _token(self, claims: Claims, ends: datetime) -> str:
        times = {"iat": int(self.clock().timestamp()), "exp": int(ends.timestamp())}
        return self.keys.sign({"iss": ISSUER, "aud": self.audience, **claims.to_json(), **times})


def set_cookie(opened: Opened, now: datetime) -> str:
    """The header that makes a browser send the token, and only to us, and no script see it."""
    return _cookie(opened.token, int((opened.expires_at - now).total_seconds()))


def drop_cookie() -> str:
    """The header that makes a browser forget it."""
    return _cookie("", 0)


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Strict"
