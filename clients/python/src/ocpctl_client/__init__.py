"""Sign in to ocpctl with any AWS credentials: environment, profile, Identity Center, instance role.

What is named here is imported when it is asked for: boto3 takes a third of a second, which not every caller has.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocpctl_client.errors import ServerAway, SignInFailed
    from ocpctl_client.kept import KeptSession
    from ocpctl_client.signing_in import SignedIn, extend, sign_in

_ROOMS = {
    "ServerAway": "errors",
    "SignInFailed": "errors",
    "KeptSession": "kept",
    "SignedIn": "signing_in",
    "extend": "signing_in",
    "sign_in": "signing_in",
}
__all__ = ["KeptSession", "ServerAway", "SignInFailed", "SignedIn", "extend", "sign_in"]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"ocpctl_client.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found
