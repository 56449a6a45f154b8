"""How far a cluster's time to live may be extended. Pure."""

from ocpctl_common.errors import FieldProblem, InvalidRequest, PolicyRefused
from ocpctl_common.profiles.model import Profile


def extended_ttl(profile: Profile | None, ttl_hours: int, hours: int) -> int:
    """The new time to live in hours. Raises InvalidRequest, PolicyRefused.

    `profile` is None when the cluster's profile exists no longer.
    """
    if hours < 1:
        problem = FieldProblem(field="hours", description="must be at least 1", reason="TTL_INVALID")
        raise InvalidRequest("hours must be at least 1", problems=[problem])
    if rule := _against(profile, ttl_hours + hours):
        description, reason = rule
        problem = FieldProblem(field="hours", description=description, reason=reason)
        raise PolicyRefused(f"hours: {description}", problems=[problem])
    return ttl_hours + hours


def _against(profile: Profile | None, total: int) -> tuple[str, str] | None:
    if profile is None:
        return "the cluster's profile exists no longer, so nothing can be extended", "PROFILE_UNKNOWN"
    if not profile.lifecycle.allow_custom_ttl:
        return f"{profile.name} allows only {profile.lifecycle.default_ttl_hours} hours", "TTL_NOT_CUSTOMIZABLE"
    if total > profile.lifecycle.max_ttl_hours:
        most = profile.lifecycle.max_ttl_hours
        return f"makes {total} hours, above the maximum of {most} of {profile.name}", "TTL_ABOVE_MAXIMUM"
    return None
