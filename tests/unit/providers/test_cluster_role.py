"""The cluster role: the file by which an SDK takes it, for each source of credentials, and what is refused."""

import io
import os
import stat
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard
from botocore.configloader import load_config
from ocpctl_common.providers.aws import role_config
from ocpctl_common.providers.aws.config_file import ConfigFile
from ocpctl_common.providers.aws.provider import AWS
from ocpctl_common.providers.cloud import UnusableSource
from ocpctl_common.providers.protocol import ClusterRole
from ocpctl_common.telemetry.redaction import MASK, Redactor
from ocpctl_installer_runner import archive
from ocpctl_installer_runner.installer import environment
from ocpctl_installer_runner.workspace import Workspace

ARN = "arn:aws:iam::210987654321:role/path/clusters"
ROLE = ClusterRole(arn=ARN, external_id="of-ocpctl")
REGION = {"AWS_DEFAULT_REGION": "us-east-1"}
SECRET = "s" * 40
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA0000000000000000", "AWS_SECRET_ACCESS_KEY": SECRET}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/runner"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"}
CONTAINER_URL = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/container-token",
}
SOURCES: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "keys": (
        KEYS,
        {"source_profile": "source"},
        {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": SECRET},
    ),
    "temporary keys": (
        KEYS | {"AWS_SESSION_TOKEN": "t"},
        {"source_profile": "source"},
        {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": SECRET, "aws_session_token": "t"},
    ),
    "web identity": (
        WEB,
        {"source_profile": "source"},
        {"role_arn": WEB["AWS_ROLE_ARN"], "role_session_name": "ocpctl", "web_identity_token_file": "/token"},
    ),
    "keys before a web identity": (
        KEYS | WEB,
        {"source_profile": "source"},
        {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": SECRET},
    ),
    "container": (CONTAINER | CONTAINER_URL, {"credential_source": "EcsContainer"}, {}),
    "instance": ({}, {"credential_source": "Ec2InstanceMetadata"}, {}),
}


def read(text: str, folder: Path) -> dict[str, Any]:
    """The profiles as botocore reads them."""
    (folder / "config").write_text(text)
    profiles: dict[str, Any] = load_config(str(folder / "config"))["profiles"]
    return profiles


@pytest.mark.parametrize("name", SOURCES)
def test_the_file_names_the_role_and_the_source_of_credentials(name: str, tmp_path: Path) -> None:
    own, chosen, source = SOURCES[name]
    role = {"role_arn": ARN, "role_session_name": "ocpctl", "external_id": "of-ocpctl", "region": "eu-west-1"}
    expected = {"default": role | chosen} | ({"source": source} if source else {})
    text = role_config.text({**own, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "us-west-2"}, ROLE)
    assert read(text, tmp_path) == expected


def test_a_containers_url_is_asked_by_a_program(tmp_path: Path) -> None:
    """The older SDK for Go takes no full URL as the source of a role."""
    profiles = read(role_config.text(CONTAINER_URL, ROLE), tmp_path)
    assert profiles["default"]["source_profile"] == "source"
    assert Path(profiles["source"]["credential_process"].split()[-1]).is_file()


@pytest.mark.parametrize(
    ("partition", "own", "region"),
    [
        ("aws", {}, "us-east-1"),
        ("aws-cn", {}, "cn-north-1"),
        ("aws-us-gov", {}, "us-gov-west-1"),
        ("aws-us-gov", {"AWS_REGION": "us-gov-east-1"}, "us-gov-east-1"),
    ],
)
def test_the_role_is_taken_in_a_region_in_any_case(
    partition: str, own: Mapping[str, str], region: str, tmp_path: Path
) -> None:
    role = ClusterRole(arn=f"arn:{partition}:iam::210987654321:role/clusters")
    default = read(role_config.text(own, role), tmp_path)["default"]
    assert default["region"] == region
    assert "external_id" not in default


def test_an_installer_has_nothing_that_goes_before_the_file() -> None:
    own = {**KEYS, **WEB, **CONTAINER, "AWS_SESSION_TOKEN": "t", "AWS_PROFILE": "p", "AWS_CONFIG_FILE": "/c"}
    own |= {"AWS_SHARED_CREDENTIALS_FILE": "/s", "AWS_ROLE_SESSION_NAME": "n", "AWS_CA_BUNDLE": "/ca"}
    own["AWS_SDK_LOAD_CONFIG"] = "0"
    passed = CONTAINER | {"AWS_CA_BUNDLE": "/ca", "AWS_SDK_LOAD_CONFIG": "1"}
    assert AWS.child_environment(own, ROLE) == passed
    assert AWS.child_environment(own) == own
    assert AWS.child_files(own) == {}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An attempt's, of a runner that has access keys; its install directory is beside it."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    for _ in range(2):  # each command of an attempt
        assert environment.environment(AWS, "att_1", "c", home, ROLE)["HOME"] == str(home)
    return home


def test_the_file_is_its_owners_alone_and_holds_no_secret_that_is_not_masked(home: Path) -> None:
    path = home / ".aws" / "config"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, home)] == [0o600, 0o700, 0o700]
    assert SECRET in path.read_text()
    shown = Redactor(AWS.secrets(os.environ)).redact(path.read_text())
    assert SECRET not in shown
    assert KEYS["AWS_ACCESS_KEY_ID"] not in shown
    assert shown.count(MASK) == 2


def test_a_snapshot_of_the_install_directory_does_not_hold_the_home(home: Path) -> None:
    folder = Workspace(home.parent).make_folder("install")
    (folder / "metadata.json").write_text("{}")
    target = io.BytesIO()
    archive.pack_to(folder, target)
    target.seek(0)
    with (
        zstandard.ZstdDecompressor().stream_reader(target) as stream,
        tarfile.open(fileobj=stream, mode="r|") as packed,
    ):
        assert [member.name for member in packed] == ["metadata.json"]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"AWS_PROFILE": "p"}, "AWS_PROFILE: p"),
        ({**KEYS, "AWS_CONFIG_FILE": "/c"}, "AWS_CONFIG_FILE: /c"),
        ({**WEB, "AWS_SHARED_CREDENTIALS_FILE": "/s"}, "write role_arn into that file"),
        ({"AWS_ACCESS_KEY_ID": "k"}, "AWS_SECRET_ACCESS_KEY is not"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, "AWS_ROLE_ARN is not"),
    ],
)
def test_a_source_that_the_file_cannot_name(own: Mapping[str, str], told: str) -> None:
    with pytest.raises(UnusableSource, match=told):
        role_config.check(own)


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_a_shared_file_of_the_runners_home_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / name).touch()
    with pytest.raises(UnusableSource, match=str(tmp_path)):
        role_config.check({"HOME": str(tmp_path)})


@pytest.mark.parametrize("own", [source[0] for source in SOURCES.values()], ids=list(SOURCES))
def test_sources_that_it_can_name(own: Mapping[str, str], tmp_path: Path) -> None:
    role_config.check({**own, "HOME": str(tmp_path)})


def test_keys_of_the_environment_do_not_count_beside_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEYS, **WEB}.items():
        monkeypatch.setenv(name, value)
    config = ConfigFile("[default]\naws_access_key_id = of-the-file\naws_secret_access_key = s\nregion = eu-west-1\n")
    for _ in range(2):
        session = config.session()
        found = session.get_credentials()
        assert found
        assert found.access_key == "of-the-file"
        assert session.region_name == "eu-west-1"


def test_connecting_with_a_role_asks_whether_it_can_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the source does not matter."""
    asked: list[str] = []
    monkeypatch.setattr("ocpctl_common.providers.aws.cloud.AwsCloud.connect", lambda config="": asked.append(config))
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "somebody", **REGION})
    AWS.connect()
    with pytest.raises(UnusableSource):
        AWS.connect(ROLE)
    monkeypatch.setattr(os, "environ", {**WEB, **REGION})
    AWS.connect(ROLE)
    assert asked[0] == ""
    assert ARN in asked[1]
    assert len(asked) == 2
