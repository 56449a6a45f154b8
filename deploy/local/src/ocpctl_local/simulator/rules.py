"""What the installer's validation and IAM refuse of an install-config, as far as requests can reach it.

From public sources of openshift/installer 4.20: pkg/validate, pkg/types/aws/validation; IAM's own rule of tag keys.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ocpctl_local.simulator.go_yaml import text

NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
TAG = re.compile(r"[0-9A-Za-z_.:/=+\-@ ]*")
# Go's base64 takes no padding too much; the library that reads keys here passes over it.
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
MODES = ("", "Manual", "Mint", "Passthrough")
MAX_TAGS, LONGEST_KEY, LONGEST_VALUE = 25, 128, 256
TAGS = "platform.aws.userTags"


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """In the installer's words."""
    name = text(config["metadata"]["name"])
    if not NAME.fullmatch(name):
        yield f'metadata.name: Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case'
    if (mode := text(config.get("credentialsMode"))) not in MODES:
        supported = ", ".join(f'"{one}"' for one in MODES[1:])
        yield f'credentialsMode: Unsupported value: "{mode}": supported values: {supported}'
    tags = {text(key): text(value) for key, value in (config["platform"]["aws"].get("userTags") or {}).items()}
    yield from _tag_problems(tags)
    if key := text(config.get("sshKey")):
        yield from _key_problems(key)


def _tag_problems(tags: Mapping[str, str]) -> Iterator[str]:
    if len(tags) > MAX_TAGS:
        yield f"{TAGS}: Too many: {len(tags)}: must have at most {MAX_TAGS} items"
    for key, value in tags.items():
        if key.lower() == "name":
            yield f'{TAGS}[{key}]: Invalid value: "{value}": "Name" key is not allowed for user defined tags'
        if "kubernetes.io" in key or "openshift.io" in key:
            yield f'{TAGS}[{key}]: Invalid value: "{value}": key is in the kubernetes.io or openshift.io namespace'
        if not (0 < len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE):
            yield f'{TAGS}[{key}]: Invalid value: "{value}": invalid length'
        if not TAG.fullmatch(key) or not TAG.fullmatch(value):
            yield f'{TAGS}[{key}]: Invalid value: "{value}": contains invalid characters'
    if any(count > 1 for count in Counter(key.lower() for key in tags).values()):
        yield "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def _key_problems(key: str) -> Iterator[str]:
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key  # noqa: PLC0415 - slow to import

    try:
        load_ssh_public_key(key.encode())
        is_key = bool(BASE64.fullmatch(key.split(" ")[1]))
    except ValueError:
        is_key = False
    if not is_key:
        yield "sshKey: Invalid value: ssh: no key found"
