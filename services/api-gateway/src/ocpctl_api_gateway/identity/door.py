"""What stands before every public call: identity, role, and the audit of refusals."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from ocpctl_common.errors import NotAuthenticated, NotPermitted, OcpctlError, PolicyRefused

from ocpctl_api_gateway import principal, rbac
from ocpctl_api_gateway.contract import CHANGES
from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_api_gateway.identity.register import Register
from ocpctl_api_gateway.principal import Claims, Principal
from ocpctl_api_gateway.scheduler_port import SchedulerPort

CSRF_TOKEN = "x-csrf-token"  # noqa: S105  # a header's name


class Door:
    """Lets known callers with the right role in."""

    def __init__(self, scheduler: SchedulerPort, register: Register, refusals: Refusals) -> None:
        self._scheduler = scheduler
        self._refusals = refusals
        self._register = register

    @contextmanager
    def enter(self, context: grpc.ServicerContext, rpc: str) -> Iterator[Principal]:
        """The caller, with no more than the grants that allow `rpc`; what is refused inside is audited.

        Refused is 401, 403 and 422 by policy.
        """
        caller: Principal | None = None
        with self._audited(rpc, lambda: caller):
            claims = principal.claims(context)
            check_csrf(context, rpc, claims)
            caller = self._register.principal(claims)
            yield rbac.narrowed(caller, rpc)

    @contextmanager
    def greet(self, rpc: str) -> Iterator[None]:
        """For calls that need no session; what is refused inside is audited."""
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
    """A browser sends its cookie by itself, so a change needs a second word that only our own page knows.

    Raises NotPermitted.
    """
    if (
        claims.csrf
        and rpc in CHANGES
        and not hmac.compare_digest(csrf_digest(principal.header(context, CSRF_TOKEN)), claims.csrf)
    ):
        raise NotPermitted(f"a change in a browser's session needs the header {CSRF_TOKEN}", reason="CSRF_TOKEN_WRONG")


def csrf_digest(token: str) -> str:
    """What a cookie session's token holds of its CSRF token."""
    return hashlib.sha256(token.encode()).hexdigest()
