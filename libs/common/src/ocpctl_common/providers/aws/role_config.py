"""The configuration file by which every SDK takes the cluster role, and renews it for as long as it works.

It names the source of this process's credentials, and holds none but access keys of the environment. It is read by
botocore and by both SDKs for Go; docs/decisions/0019 says what each of them takes.
"""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from ocpctl_common.providers.cloud import UnusableSource
from ocpctl_common.providers.protocol import ClusterRole

PATH = ".aws/config"  # in a home; there every SDK looks
SESSION = "ocpctl"  # the session's name in AWS's own trail
KEY, SECRET, TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
WEB_TOKEN, WEB_ROLE, WEB_SESSION = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"
CONTAINER, CONTAINER_URL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
FILES = {"AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials", "AWS_CONFIG_FILE": ".aws/config"}
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
OLD_KEYS = ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN")  # the older SDK for Go takes them too
PREFERRED = frozenset((KEY, SECRET, TOKEN, WEB_TOKEN, WEB_ROLE, WEB_SESSION, *FILES, *PROFILES, *OLD_KEYS))
REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # where the role is taken if nobody names a region
OWN_PROFILE = {"source_profile": "source"}
NEEDED = {KEY: SECRET, WEB_TOKEN: WEB_ROLE}
OF_A_FILE = (
    "OCPCTL_CLUSTER_ROLE_ARN cannot be used with credentials of a profile or of a shared file ({found}). Leave the "
    "setting out and write role_arn into that file: then this service acts as that role in everything that it does. Or "
    "give it the credentials of a container, an instance, a web identity or variables, and no such file."
)


def files_of_home(own: Mapping[str, str]) -> dict[str, str]:
    """The shared files that a process finds by its home, by the variables that name them."""
    files = {name: Path(own.get("HOME", "/nonexistent"), below) for name, below in FILES.items()}
    return {name: str(path) for name, path in files.items() if path.is_file()}


def check(own: Mapping[str, str]) -> None:
    """Raises UnusableSource where the file would act as somebody else than `own` says, or as nobody."""
    files = files_of_home(own) | {name: own[name] for name in (*FILES, *PROFILES) if own.get(name)}
    if files:
        raise UnusableSource(OF_A_FILE.format(found=", ".join(f"{name}: {value}" for name, value in files.items())))
    for name, other in NEEDED.items():
        if own.get(name) and not own.get(other):
            raise UnusableSource(f"{name} is set, and {other} is not.")


def text(own: Mapping[str, str], role: ClusterRole) -> str:
    """The file. Of several sources that have been given the one counts that every SDK takes first."""
    chosen, source = _source(own)
    default = {"role_arn": role.arn, "role_session_name": SESSION, "region": _region(own, role), **chosen}
    if role.external_id:
        default["external_id"] = role.external_id
    return _section("default", default) + (_section("profile source", source) if source else "")


def _source(own: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the role's profile says of its source, and that source's own profile where it has one."""
    if own.get(KEY):
        return OWN_PROFILE, {name.lower(): own[name] for name in (KEY, SECRET, TOKEN) if own.get(name)}
    if own.get(WEB_TOKEN):
        names = {"role_arn": own.get(WEB_ROLE, ""), "role_session_name": own.get(WEB_SESSION) or SESSION}
        return OWN_PROFILE, {**names, "web_identity_token_file": own[WEB_TOKEN]}
    if own.get(CONTAINER):
        return {"credential_source": "EcsContainer"}, {}
    if own.get(CONTAINER_URL):
        return OWN_PROFILE, {"credential_process": _program()}
    return {"credential_source": "Ec2InstanceMetadata"}, {}


def _program() -> str:
    """Not every SDK for Go takes a full URL as the source of a role; a program they all take."""
    return shlex.join([sys.executable, "-I", str(Path(__file__).with_name("container_credentials.py"))])


def _region(own: Mapping[str, str], role: ClusterRole) -> str:
    partition = role.arn.split(":")[1]
    return own.get("AWS_DEFAULT_REGION") or own.get("AWS_REGION") or REGIONS.get(partition, "us-east-1")


def _section(name: str, values: Mapping[str, str]) -> str:
    return "\n".join((f"[{name}]", *(f"{key} = {value}" for key, value in values.items()), ""))
