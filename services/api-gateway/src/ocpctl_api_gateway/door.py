"""What stands before every public call: identity, role, and the audit of refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from ocpctl_common.errors import NotAuthenticated, NotPermitted, PolicyRefused

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal, principal
from ocpctl_api_gateway.scheduler_port import SchedulerPort


class Door:
    """Lets known callers with the right role in."""

    def __init__(self, scheduler: SchedulerPort) -> None:
        self._scheduler = scheduler

    @contextmanager
    def enter(self, context: grpc.ServicerContext, rpc: str) -> Iterator[Principal]:
        """The caller; whatever is refused inside (401, 403, 422 policy) is audited."""
        caller: Principal | None = None
        try:
            caller = principal(context)
            rbac.check(caller, rpc)
            yield caller
        except (NotAuthenticated, NotPermitted, PolicyRefused) as error:
            self._scheduler.audit_refusal(caller, rpc, error)
            raise
