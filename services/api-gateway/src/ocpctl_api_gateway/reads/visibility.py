"""What a caller may not see does not exist for them."""

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.scheduler_client import SchedulerClient


def is_hidden(scheduler: SchedulerClient, caller: Principal, *, team: str, cluster_id: str) -> bool:
    """Whether things of `team` are hidden from the caller. Each attempt to see a hidden thing is audited."""
    if rbac.sees(caller, team):
        return False
    scheduler.audit_hidden(caller, cluster_id)
    return True
