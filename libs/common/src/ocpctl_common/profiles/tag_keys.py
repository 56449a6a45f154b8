"""Keys of tags: what they may be, whose they are, and which are the same to IAM, which knows no capitals."""

from collections.abc import Iterable, Iterator

# What the installer takes (docs/installer.md), without a blank at an end, which nobody sees.
KEY = r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,126}[A-Za-z0-9_.:/=+@-])?"
VALUE = r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?"
RESERVED_PARTS = ("kubernetes.io", "openshift.io", "ocpctl:", "aws:", "sigs.k8s.io")


def is_reserved(key: str) -> bool:
    """Whether a key belongs to ocpctl, AWS, Kubernetes or OpenShift."""
    return key.lower() == "name" or any(part in key.lower() for part in RESERVED_PARTS)


def doubles(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Keys that differ from an earlier one only in capitals, each with that one."""
    seen: dict[str, str] = {}
    for key in keys:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield key, first
