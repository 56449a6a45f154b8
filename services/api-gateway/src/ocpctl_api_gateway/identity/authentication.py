"""Authenticates the caller of a public RPC, authorizes the call, and audits refusals."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from ocpctl_common.errors import NotAuthenticated, NotPermitted, OcpctlError, PolicyRefused

from ocpctl_api_gateway import principal, rbac
from ocpctl_api_gateway.contract import CHANGES
from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_api_gateway.identity.session_cache import SessionCache
from ocpctl_api_gateway.principal import Claims, Principal
from ocpctl_api_gateway.scheduler_client import SchedulerClient

CSRF_TOKEN = "x-csrf-token"  # noqa: S105  # a header's name


class Authentication:
    """Audits every answer with 401, with 403, and with 422 by policy."""

    def __init__(self, scheduler: SchedulerClient, session_cache: SessionCache, refusals: Refusals) -> None:
        self._scheduler = scheduler
        self._session_cache = session_cache
        self._refusals = refusals

    @contextmanager
    def authorize(self, context: grpc.ServicerContext, rpc: str) -> Iterator[Principal]:
        """The caller, limited to the grants that allow `rpc`. Raises NotAuthenticated, NotPermitted, Unavailable."""
        caller: Principal | None = None
        with self._audited(rpc, lambda: caller):
            claims = principal.claims(context)
            check_csrf(context, rpc, claims)
            caller = self._session_cache.principal(claims)
            yield rbac.scoped(caller, rpc)

    @contextmanager
    def anonymous(self, rpc: str) -> Iterator[None]:
        """For an RPC that needs no session."""
        with self._audited(rpc, lambda: None):
            yield

    @contextmanager
    def _audited(self, rpc: str, caller: Callable[[], Principal | None]) -> Iterator[None]:
        try:
            yield
        except (NotAuthenticated, NotPermitted, PolicyRefused) as error:
            self._audit(rpc, caller(), error)
            raise

    def _audit(self, rpc: str, caller: Principal | None, error: OcpctlError) -> None:
        if caller is None:
            self._refusals.add(rpc, error)
        else:
            self._scheduler.audit_refusal(caller.arn, rpc, error.reason)


def check_csrf(context: grpc.ServicerContext, rpc: str, claims: Claims) -> None:
    """A browser sends its cookie with any page's request; only our own page knows the CSRF token.

    Raises NotPermitted.
    """
    if (
        claims.csrf
        and rpc in CHANGES
        and not hmac.compare_digest(csrf_digest(principal.header(context, CSRF_TOKEN)), claims.csrf)
    ):
        raise NotPermitted(f"a change in a browser's session needs the header {CSRF_TOKEN}", reason="CSRF_TOKEN_WRONG")


def csrf_digest(token: str) -> str:
    """The part of a CSRF token that the session's token holds."""
    return hashlib.sha256(token.encode()).hexdigest()
