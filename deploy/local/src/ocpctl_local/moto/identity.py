"""The local stack's identities: three IAM users with access keys, who sign in as everybody does.

The AWS endpoint accepts any secret, so the gateway verifies these signatures itself; it is told the keys.
"""

import json
import secrets
import string
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import boto3

from ocpctl_local.moto.aws import ACCOUNT, REGION

_CAPITALS = string.ascii_uppercase + "234567"


@dataclass(frozen=True, slots=True)
class LocalPrincipal:
    """One of the three IAM users."""

    name: str
    role: str
    team: str

    @property
    def arn(self) -> str:
        """The ARN of the IAM user."""
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}"


PRINCIPALS = {
    principal.name: principal
    for principal in (
        LocalPrincipal("requester", "requester", "team-a"),
        LocalPrincipal("admin", "platform_admin", "platform"),
        LocalPrincipal("auditor", "auditor", "audit"),
    )
}


def access_keys(folder: Path) -> Path:
    """The file of access keys that the gateway reads."""
    return folder / "access-keys.json"


def credentials(folder: Path) -> Path:
    """The same keys as an AWS credentials file with a profile for each principal."""
    return folder / "credentials"


def signing_keys(folder: Path) -> Path:
    """The file of keys that sign sessions."""
    return folder / "signing-keys.json"


def make_access_keys(folder: Path) -> None:
    """Fresh keys for the three, readable by their owner only."""
    keys = [_access_key(principal) for principal in PRINCIPALS.values()]
    for path in (access_keys(folder), credentials(folder)):
        path.touch(mode=0o600)
    access_keys(folder).write_text(json.dumps(keys))
    profiles = ConfigParser()
    for name, key in zip(PRINCIPALS, keys, strict=True):
        profiles[name] = {
            "aws_access_key_id": key["access_key_id"],
            "aws_secret_access_key": key["secret"],
            "region": REGION,
        }
    with credentials(folder).open("w") as file:
        profiles.write(file)


def initial_grants() -> str:
    """The scheduler's setting: what the three may do."""
    return json.dumps([{"arn": p.arn, "role": p.role, "team": p.team} for p in PRINCIPALS.values()])


def session(folder: Path, name: str) -> boto3.Session:
    """AWS credentials of one of PRINCIPALS. Raises KeyError for another name."""
    found = ConfigParser()
    found.read(credentials(folder))
    return boto3.Session(
        aws_access_key_id=found[name]["aws_access_key_id"],
        aws_secret_access_key=found[name]["aws_secret_access_key"],
        region_name=found[name]["region"],
    )


def access_key_of(folder: Path, name: str) -> dict[str, str]:
    """What AWS knows about one of PRINCIPALS, and its access key."""
    keys: list[dict[str, str]] = json.loads(access_keys(folder).read_text())
    return next(key for key in keys if key["arn"] == PRINCIPALS[name].arn)


def _access_key(principal: LocalPrincipal) -> dict[str, str]:
    def capitals(prefix: str) -> str:
        return prefix + "".join(secrets.choice(_CAPITALS) for _ in range(16))

    return {
        "access_key_id": capitals("AKIA"),
        "secret": secrets.token_urlsafe(30),
        "arn": principal.arn,
        "user_id": capitals("AIDA"),
        "account": ACCOUNT,
    }
