"""What the installer has written when it ends well. Read with care: a file that is no use is a failure with a name.

No message holds a value: these files are full of secrets.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ocpctl_installer_runner.errors import RunFailed

METADATA = "metadata.json"
KUBECONFIG = "auth/kubeconfig"
PASSWORD = "auth/kubeadmin-password"  # noqa: S105 - a file's name
INFRA_ID = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """By which everything that will be made can be found again."""

    text: str
    infra_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the owner of a cluster gets, and the client keys in it."""

    server: str
    kubeconfig: bytes = field(repr=False)
    password: str = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)


def metadata(folder: Path) -> Metadata:
    """The install directory's metadata. Raises RunFailed."""
    text = _text(folder, METADATA)
    try:
        document = json.loads(text)
    except ValueError:
        raise _unusable(METADATA, "it is no JSON") from None
    infra_id = document.get("infraID") if isinstance(document, dict) else None
    if not isinstance(infra_id, str) or not INFRA_ID.fullmatch(infra_id):
        raise _unusable(METADATA, "it has no infraID that can be used")
    return Metadata(text=text, infra_id=infra_id)


def credentials(folder: Path) -> Credentials:
    """The install directory's kubeconfig and password. Raises RunFailed."""
    text = _text(folder, KUBECONFIG)
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _unusable(KUBECONFIG, "it is no YAML") from None
    users = _entries(document, "users", "user")
    server = _entries(document, "clusters", "cluster")[0].get("server")
    if not isinstance(server, str) or not server:
        raise _unusable(KUBECONFIG, "its first cluster has no server")
    password = _text(folder, PASSWORD).strip()
    if not password:
        raise _unusable(PASSWORD, "it is empty")
    return Credentials(
        server=server,
        kubeconfig=text.encode(),
        password=password,
        keys=tuple(user["client-key-data"] for user in users if isinstance(user.get("client-key-data"), str)),
    )


def _entries(document: Any, several: str, one: str) -> list[dict[str, Any]]:
    """What is under `one` in each entry of `several`; there is at least one."""
    entries = document.get(several) if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise _unusable(KUBECONFIG, f"it has no {several}")
    found = [entry.get(one) if isinstance(entry, dict) else None for entry in entries]
    if not all(isinstance(item, dict) for item in found):
        raise _unusable(KUBECONFIG, f"one of its {several} has no {one}")
    return [item for item in found if isinstance(item, dict)]


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text()
    except FileNotFoundError:
        raise _unusable(name, "it is missing") from None
    except UnicodeDecodeError:
        raise _unusable(name, "it is no text") from None


def _unusable(name: str, why: str) -> RunFailed:
    rule = "UnusableMetadata" if name == METADATA else "UnusableCredentials"
    message = (
        f"The installer said that it was done, but its {name} cannot be used: {why}. The platform admins' turn: Look "
        f"at the attempt's snapshot, and whether this is the installer of the release that was asked for. ({rule})"
    )
    return RunFailed("UNKNOWN", message, 0, rule)
