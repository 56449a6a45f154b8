"""How many runs an account of a cloud and region may have at once. Pure.

Installs share the account's API rate with whatever else runs there. When the cloud throttles an install, the number is
halved; it comes back by one after every pause. Clean-ups have a number of their own, so creates never starve them.
"""


def creates_allowed(default: int, lowered_to: int | None, seconds_since: float, restore_seconds: float) -> int:
    """Creates that may run at once now."""
    if lowered_to is None:
        return default
    return min(default, lowered_to + int(seconds_since // restore_seconds))


def halved(allowed: int) -> int:
    """What is allowed after the cloud has throttled; one is always possible, or nothing would ever get better."""
    return max(1, allowed // 2)
