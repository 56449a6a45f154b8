"""The local stack's identities: its own signing key, and short tokens for three principals."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "ocpctl-local"
AUDIENCE = "ocpctl"
ACCOUNT = "123456789012"
LIFE = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class LocalPrincipal:
    """One of the three."""

    name: str
    role: str
    team: str


PRINCIPALS = {
    principal.name: principal
    for principal in (
        LocalPrincipal("requester", "requester", "team-a"),
        LocalPrincipal("admin", "platform_admin", "platform"),
        LocalPrincipal("auditor", "auditor", "audit"),
    )
}


def make_key(folder: Path) -> None:
    """A fresh ES256 key in `folder`, readable by its owner only."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "local"})
    path = folder / "signing-key.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(key.as_dict(private=True)))


def jwks(folder: Path) -> str:
    """The public half as a JWKS document in one line."""
    return json.dumps({"keys": [_key(folder).as_dict(private=False)]})


def token(folder: Path, name: str, *, life: timedelta = LIFE) -> str:
    """A signed token for one of PRINCIPALS. Raises KeyError for another name."""
    principal = PRINCIPALS[name]
    now = datetime.now(tz=UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"arn:aws:iam::{ACCOUNT}:role/{principal.name}",
        "roles": [principal.role],
        "team": principal.team,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    return jwt.encode({"alg": "ES256", "kid": "local"}, claims, _key(folder))


def _key(folder: Path) -> ECKey:
    return ECKey.import_key(json.loads((folder / "signing-key.json").read_text()))
