"""Who may call what, as a table for the docs."""

from ocpctl_api_gateway.rbac import ALLOWED
from ocpctl_common.access import ROLES


def render() -> str:
    """The table that the gateway decides by."""
    rows = [f"| {rpc} | {' | '.join('yes' if role in ALLOWED[rpc] else '' for role in ROLES)} |" for rpc in ALLOWED]
    return "\n".join([f"| RPC | {' | '.join(ROLES)} |", "|---|---|---|---|", *rows]) + "\n"
