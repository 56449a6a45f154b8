"""Keys of tags: whose they are, and which are the same to IAM, which knows no capitals."""

from collections.abc import Iterable, Iterator

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
