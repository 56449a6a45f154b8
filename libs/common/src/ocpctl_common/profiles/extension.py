"""How far a cluster's time to live may be extended. Pure."""

from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.profiles.catalogue import Catalogue


def check_extension(hours: int) -> int:
    """The hours. Raises InvalidRequest when there are none."""
    if hours < 1:
        problem = FieldProblem(field="hours", description="must be at least 1", reason="TTL_INVALID")
        raise InvalidRequest("hours must be at least 1", problems=[problem])
    return hours


def longest_ttl(catalogue: Catalogue, profile: str) -> int:
    """The longest time to live in hours that a profile allows; 0 when it exists no longer."""
    found = catalogue.profiles.get(profile)
    if found is None:
        return 0
    return found.lifecycle.max_ttl_hours if found.lifecycle.allow_custom_ttl else found.lifecycle.default_ttl_hours
