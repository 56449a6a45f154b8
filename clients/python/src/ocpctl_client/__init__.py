"""Sign in to ocpctl with any AWS credentials: environment, profile, Identity Center, instance role."""

from ocpctl_client.errors import SignInFailed
from ocpctl_client.kept import KeptSession
from ocpctl_client.sign_in import SignedIn, extend, sign_in

__all__ = ["KeptSession", "SignInFailed", "SignedIn", "extend", "sign_in"]
