"""The AWS credentials of the installer's own environment and files, and whether a credentials mode takes them.

What botocore finds decides. Static keys in the environment are found without it, because its import is slow.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

SOURCES = {
    "env": "EnvConfigCredentials",
    "assume-role": "AssumeRoleProvider",
    "assume-role-with-web-identity": "WebIdentityCredentials",
    "sso": "SSOProvider",
    "custom-process": "ProcessProvider",
    "container-role": "CredentialsEndpointProvider",
    "iam-role": "EC2RoleProvider",
}
# The files in which the SDKs look for keys: botocore's name, the variable that moves it, where it is otherwise.
FILES = {
    "shared-credentials-file": ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    "config-file": ("AWS_CONFIG_FILE", "~/.aws/config"),
}
ASSET = 'failed to fetch Openshift Manifests: failed to generate asset "Openshift Manifests": '
MANUAL = "Manual"


class Refused(Exception):
    """The installer takes no such credentials (exit code 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Keys, and the name that the installer has for where they came from."""

    source: str
    key: str
    secret: str = field(repr=False)
    temporary: bool


def find(region: str) -> Credentials:
    """What the SDK finds for this region. Raises Refused when it finds none."""
    return _static(os.environ) or _with_botocore(region)


def check(found: Credentials, mode: str) -> None:
    """Raises Refused: only the manual mode takes temporary credentials."""
    if found.temporary and mode != MANUAL:
        name = mode or "default"
        raise Refused(f"{ASSET}AWS credentials provided by {found.source} are not valid for {name} credentials mode")


def _static(variables: Mapping[str, str]) -> Credentials | None:
    """Keys of the environment: the SDKs take them before everything else."""
    key, secret = variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", "")
    if not (key and secret):
        return None
    temporary = bool(variables.get("AWS_SESSION_TOKEN") or variables.get("AWS_SECURITY_TOKEN"))
    return Credentials(source=SOURCES["env"], key=key, secret=secret, temporary=temporary)


def _with_botocore(region: str) -> Credentials:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

    from ocpctl_local.simulator.cloud import session_in  # noqa: PLC0415

    try:
        found = session_in(region).get_credentials()
        frozen = found.get_frozen_credentials() if found else None
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"{ASSET}failed to retrieve aws credentials: {error}") from error
    if found is None or frozen is None:
        raise Refused(f"{ASSET}failed to retrieve aws credentials: no EC2 IMDS role found")
    return Credentials(
        source=_source(found.method),
        key=frozen.access_key or "",
        secret=frozen.secret_key or "",
        temporary=bool(frozen.token),
    )


def _source(method: str) -> str:
    if method not in FILES:
        return SOURCES.get(method, method)
    variable, usual = FILES[method]
    path = os.environ.get(variable) or os.path.expanduser(usual)  # noqa: PTH111 - a home may be missing
    return f"SharedConfigCredentials: {path}"
