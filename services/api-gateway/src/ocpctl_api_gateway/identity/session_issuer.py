"""Opens and extends sessions. A session's token is a JWT that Envoy verifies; the database knows that it exists."""

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
from ocpctl_api_gateway.identity.authentication import csrf_digest
from ocpctl_api_gateway.identity.signing import SigningKeys
from ocpctl_api_gateway.identity_client import IdentityClient
from ocpctl_api_gateway.principal import Claims

ISSUER = "ocpctl"
# envoy.yaml tells Envoy to read the token from this cookie. The prefix binds the cookie to host, path and TLS.
COOKIE = "__Host-ocpctl-session"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSession:
    """A session and its token. `csrf_token` is set only when the session is new and its token is for a cookie."""

    id: SessionId
    principal_arn: str
    token: str
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionIssuer:
    """A session lives for `lifetime`, and for `max_lifetime` in all, however often it is extended."""

    verifier: IdentityVerifier
    scheduler: IdentityClient
    keys: SigningKeys
    clock: Callable[[], datetime]
    audience: str
    lifetime: timedelta
    max_lifetime: timedelta

    def nonce(self) -> tuple[str, datetime]:
        """A nonce to sign, and when it expires."""
        return nonces.make(self.keys.secret(), self.clock())

    def open(self, proof: LoginProof, *, cookie: bool) -> IssuedSession:
        """A session for the principal that made the proof.

        Raises InvalidRequest, NotAuthenticated, NotPermitted for a principal without a role, Unavailable.
        """
        nonces.check(proof.nonce, self.keys.secrets(), self.clock())
        caller = self.verifier.verify(proof)
        session_id = new_session_id()
        answer = self.scheduler.open_session(self._open_request(session_id, caller, proof.nonce))
        csrf = secrets.token_urlsafe(32) if cookie else ""
        claims = Claims(
            caller=Caller(arn=caller.arn, account_id=caller.account, unique_id=caller.unique_id),
            session_name=caller.session_name,
            session_id=session_id,
            csrf=csrf_digest(csrf) if csrf else "",
        )
        return self._issued(claims, answer, csrf_token=csrf)

    def extend(self, claims: Claims) -> IssuedSession:
        """The same session with a new token. Raises NotAuthenticated, Unavailable."""
        answer = self.scheduler.extend_session(
            identity_pb.ExtendSessionRequest(
                session_id=claims.session_id,
                principal=claims.caller.arn,
                life_seconds=self.lifetime.total_seconds(),
                max_seconds=self.max_lifetime.total_seconds(),
                correlation_id=call_context.request_id(),
            )
        )
        return self._issued(claims, answer, csrf_token="")

    def _open_request(
        self, session_id: SessionId, caller: CallerIdentity, nonce: str
    ) -> identity_pb.OpenSessionRequest:
        return identity_pb.OpenSessionRequest(
            session_id=session_id,
            principal=caller.arn,
            account_id=caller.account,
            unique_id=caller.unique_id,
            session_name=caller.session_name,
            nonce_sha256=nonces.digest(nonce),
            life_seconds=self.lifetime.total_seconds(),
            correlation_id=call_context.request_id(),
        )

    def _issued(self, claims: Claims, answer: identity_pb.OpenSessionResponse, *, csrf_token: str) -> IssuedSession:
        expires_at = answer.expire_time.ToDatetime(tzinfo=UTC)
        return IssuedSession(
            id=SessionId(claims.session_id),
            principal_arn=claims.caller.arn,
            token=self._token(claims, expires_at),
            csrf_token=csrf_token,
            expires_at=expires_at,
        )

    def _token(self, claims: Claims, expires_at: datetime) -> str:
        times = {"iat": int(self.clock().timestamp()), "exp": int(expires_at.timestamp())}
        return self.keys.sign({"iss": ISSUER, "aud": self.audience, **claims.to_json(), **times})


def set_cookie(session: IssuedSession, now: datetime) -> str:
    """The header that makes a browser send the token to us only, and hides it from scripts."""
    return _cookie(session.token, int((session.expires_at - now).total_seconds()))


def drop_cookie() -> str:
    """The header that makes a browser delete the cookie."""
    return _cookie("", 0)


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Strict"
