"""Keys of tags: what they may be, whose they are, and which differ only in capitals."""

from collections.abc import Iterable, Iterator

from ocpctl_common.providers.protocol import TagRules

# What the installer takes (docs/installer.md), without a blank at an end, which nobody sees.
KEY = r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,126}[A-Za-z0-9_.:/=+@-])?"
VALUE = r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?"
RESERVED_PARTS = ("kubernetes.io", "openshift.io", "ocpctl:", "sigs.k8s.io")


def is_reserved(key: str, rules: TagRules) -> bool:
    """Whether a key belongs to ocpctl, the cloud, Kubernetes or OpenShift."""
    return key.lower() == "name" or any(part in key.lower() for part in (*RESERVED_PARTS, *rules.reserved))


def doubles(keys: Iterable[str], rules: TagRules) -> Iterator[tuple[str, str]]:
    """Keys that the cloud takes for an earlier one, because they differ only in capitals, each with that one."""
    if not rules.one_case:
        return
    seen: dict[str, str] = {}
    for key in keys:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield key, first
