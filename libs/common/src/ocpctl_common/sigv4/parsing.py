"""The Authorization header of a signed request, read so strictly that two readers cannot disagree about it."""

import re
from dataclasses import dataclass
from datetime import datetime

from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4.canonical import ALGORITHM, TERMINATOR

MALFORMED = "MALFORMED_SIGNATURE"
REQUIRED_HEADERS = ("host", "x-amz-date")

ACCESS_KEY_ID = re.compile(r"[A-Z0-9]{8,128}")
REGION = re.compile(r"[a-z]{2}(-[a-z]{2,16}){1,3}-[0-9]{1,2}")
SIGNATURE = re.compile(r"[0-9a-f]{64}")
AMZ_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_DATE = re.compile(r"[0-9]{8}")
_SERVICE = re.compile(r"[a-z0-9-]{1,32}")
_HEADER_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}")
_SEPARATOR = re.compile(r", ?")
_PARTS = ("Credential", "SignedHeaders", "Signature")
_MAX_CHARACTERS = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Whose key, for which day, region and service."""

    access_key_id: str
    date: str
    region: str
    service: str

    @property
    def scope(self) -> str:
        """The scope as it stands in the string to sign."""
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """What an Authorization header says. The names are sorted, without doubles, with host and x-amz-date."""

    credential: Credential
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def header(self) -> str:
        """The Authorization header that says this."""
        owner = f"{self.credential.access_key_id}/{self.credential.scope}"
        names = ";".join(self.signed_headers)
        return f"{ALGORITHM} Credential={owner}, SignedHeaders={names}, Signature={self.signature}"


def parse_authorization(header: str) -> SignedRequest:
    """The header's parts, each of its pattern. Raises NotAuthenticated (MALFORMED_SIGNATURE)."""
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise malformed(f"the Authorization header must begin with {ALGORITHM}")
    parts = _parts(rest)
    if not SIGNATURE.fullmatch(parts["Signature"]):
        raise malformed("Signature must be 64 lower-case hexadecimal digits")
    return SignedRequest(
        credential=_credential(parts["Credential"]),
        signed_headers=_signed_headers(parts["SignedHeaders"]),
        signature=parts["Signature"],
    )


def parse_amz_date(value: str) -> datetime:
    """The moment of an x-amz-date such as 20260830T123600Z, in UTC. Raises ValueError."""
    if not AMZ_DATE.fullmatch(value):
        raise ValueError("must look like 20260830T123600Z")
    return datetime.strptime(value, "%Y%m%dT%H%M%S%z")


def malformed(sentence: str) -> NotAuthenticated:
    """A refusal that says what of the signature cannot be read."""
    return NotAuthenticated(f"the request's signature cannot be read: {sentence}", reason=MALFORMED)


def _parts(rest: str) -> dict[str, str]:
    """Each part exactly once, nothing else."""
    if len(rest) > _MAX_CHARACTERS:
        raise malformed(f"the Authorization header may have {_MAX_CHARACTERS} characters")
    pairs = [part.partition("=") for part in _SEPARATOR.split(rest)]
    if sorted(name for name, _, _ in pairs) != sorted(_PARTS):
        raise malformed(f"it must have {', '.join(_PARTS)}, each once and nothing else, with commas between them")
    return {name: value for name, _, value in pairs}


def _credential(value: str) -> Credential:
    fields = value.split("/")
    patterns = (ACCESS_KEY_ID, _DATE, REGION, _SERVICE, re.compile(TERMINATOR))
    if len(fields) != len(patterns) or not all(p.fullmatch(f) for p, f in zip(patterns, fields, strict=True)):
        raise malformed(f"Credential must be <access key id>/<yyyymmdd>/<region>/<service>/{TERMINATOR}")
    return Credential(access_key_id=fields[0], date=fields[1], region=fields[2], service=fields[3])


def _signed_headers(value: str) -> tuple[str, ...]:
    names = value.split(";")
    if not all(_HEADER_NAME.fullmatch(name) for name in names):
        raise malformed("SignedHeaders must be lower-case names with semicolons between them")
    if names != sorted(set(names)):
        raise malformed("SignedHeaders must be sorted and name each header once")
    if missing := [name for name in REQUIRED_HEADERS if name not in names]:
        raise malformed(f"SignedHeaders must name {' and '.join(missing)}")
    return tuple(names)
