"""The proof of a login: a GetCallerIdentity, signed for one login at one server, and never sent to AWS from here.

Only fields of it go to the server, which builds the request anew. The secret key never leaves this process.
"""

from dataclasses import dataclass, field

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError

from ocpctl_client.errors import SignInFailed

_BODY = "Action=GetCallerIdentity&Version=2011-06-15"
_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that a server has begun: its nonce, its name for itself, where its STS may be."""

    nonce: str
    audience: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The fields that the server needs."""

    access_key_id: str
    region: str
    amz_date: str
    session_token: str = field(repr=False)
    nonce: str
    signature: str = field(repr=False)

    def fields(self) -> dict[str, str]:
        """As they stand in JSON."""
        return {
            "accessKeyId": self.access_key_id,
            "region": self.region,
            "amzDate": self.amz_date,
            "sessionToken": self.session_token,
            "nonce": self.nonce,
            "signature": self.signature,
        }


def credentials_of(session: boto3.Session) -> ReadOnlyCredentials:
    """The session's credentials, refreshed when they must be. Raises SignInFailed."""
    try:
        credentials = session.get_credentials()
        frozen = credentials.get_frozen_credentials() if credentials else None
    except BotoCoreError as error:
        raise SignInFailed(f"the AWS credentials cannot be used: {error}") from error
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        raise SignInFailed("no AWS credentials found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws sso login`")
    return frozen


def choose_region(wanted: str | None, configured: str | None, allowed: tuple[str, ...]) -> str:
    """The region that was asked for, else the session's, else the server's first. Raises SignInFailed."""
    if wanted is not None and wanted not in allowed:
        raise SignInFailed(f"the server does not take the region {wanted}; it takes {', '.join(allowed)}")
    return wanted or (configured if configured in allowed else None) or allowed[0]


def prove(login: Login, credentials: ReadOnlyCredentials, region: str) -> Proof:
    """Signs the login for STS in a region, with botocore's own signer."""
    suffix = ".cn" if region.startswith("cn-") else ""
    headers = {"content-type": _CONTENT_TYPE, "x-ocpctl-audience": login.audience, "x-ocpctl-nonce": login.nonce}
    request = AWSRequest("POST", f"https://sts.{region}.amazonaws.com{suffix}/", headers, _BODY)
    SigV4Auth(credentials, "sts", region).add_auth(request)
    return Proof(
        access_key_id=credentials.access_key or "",
        region=region,
        amz_date=request.headers["X-Amz-Date"],
        session_token=credentials.token or "",
        nonce=login.nonce,
        signature=request.headers["Authorization"].rpartition("Signature=")[2],
    )
