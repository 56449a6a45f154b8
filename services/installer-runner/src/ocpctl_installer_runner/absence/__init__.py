"""Is anything left? An independent, read-only look at every type of resource that an install can make.

`destroy cluster` exits 0 also when it looked in the wrong account; this is the second opinion. One module a service;
every candidate is confirmed by a Describe call of its own service.
"""

from collections.abc import Callable, Mapping

from ocpctl_installer_runner.absence import balancers, dns, ec2, iam, storage, tagged
from ocpctl_installer_runner.absence.target import Clients, Target

Finder = Callable[[Clients, Target], list[str]]

FINDERS: Mapping[str, Finder] = {
    **ec2.FINDERS,
    **balancers.FINDERS,
    **iam.FINDERS,
    **dns.FINDERS,
    **storage.FINDERS,
    **tagged.FINDERS,
}


def look(clients: Clients, target: Target) -> dict[str, list[str]]:
    """Ids of what is left, by type; every type that was asked is named, also with an empty list."""
    return {name: find(clients, target) for name, find in FINDERS.items()}
