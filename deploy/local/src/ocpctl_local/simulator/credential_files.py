"""The files in an install directory that tell the cluster its AWS credentials.

In the default mode the installer writes one secret. In the manual mode people bring one secret an operator, the
issuer of its tokens, and the key that signs them.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ocpctl_local.simulator import go_yaml
from ocpctl_local.simulator.aws_credentials import MANUAL, Credentials

SECRET = "openshift/99_cloud-creds-secret.yaml"  # noqa: S105 - a file's name
SIGNING_KEY = "tls/bound-service-account-signing-key.key"
ROLE = re.compile(r"^role_arn\s*=\s*(\S+)\s*$", re.MULTILINE)


def write(folder: Path, mode: str, found: Credentials) -> None:
    """The secret from which the cluster makes everything else; the manual mode has none."""
    (folder / "openshift").mkdir(exist_ok=True)
    if mode == MANUAL:
        return
    keys = {"aws_access_key_id": found.key, "aws_secret_access_key": found.secret}
    data = {name: base64.b64encode(value.encode()).decode() for name, value in keys.items()}
    metadata = {"namespace": "kube-system", "name": "aws-creds"}
    path = folder / SECRET
    path.touch(mode=0o640)
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}))


def read(folder: Path) -> dict[str, Any]:
    """The roles by `<namespace>/<secret>`, the issuer, and whether the key that signs tokens was there."""
    roles, issuer = {}, ""
    for document in _documents(folder):
        if document.get("kind") == "Authentication":
            issuer = go_yaml.text((document.get("spec") or {}).get("serviceAccountIssuer"))
        if document.get("kind") == "Secret" and (role := _role(document)):
            roles["{namespace}/{name}".format(**document["metadata"])] = role
    return {"roles": roles, "issuer": issuer, "signing_key": (folder / SIGNING_KEY).is_file()}


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((*folder.glob("manifests/*.y*ml"), *folder.glob("openshift/*.y*ml"))):
        document = go_yaml.load(path.read_text())
        if isinstance(document, dict):
            yield document


def _role(secret: dict[str, Any]) -> str:
    """The role's ARN in a secret of the manual mode, else nothing."""
    found = ROLE.search(go_yaml.text((secret.get("stringData") or {}).get("credentials")))
    return found[1] if found else ""
