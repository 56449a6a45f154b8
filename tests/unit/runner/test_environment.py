"""An installer acts as its runner does: the same variables and files decide, whatever its home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_common.providers.aws.provider import AWS
from ocpctl_installer_runner.installer import environment

ASK = """
import json, boto3
found = boto3.Session().get_credentials()
print(json.dumps([found.access_key, found.secret_key, found.token] if found else None))
"""
CREDENTIALS = """[default]
aws_access_key_id = default-id
aws_secret_access_key = s
[other]
aws_access_key_id = other-id
aws_secret_access_key = o
"""
CONFIG = "[profile programs]\ncredential_process = /bin/echo " + json.dumps(
    json.dumps({"Version": 1, "AccessKeyId": "process-id", "SecretAccessKey": "p"})
)
CASES: dict[str, tuple[dict[str, str], str]] = {
    "keys": ({"AWS_ACCESS_KEY_ID": "env-id", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SESSION_TOKEN": "t"}, "env-id"),
    "the home's file": ({}, "default-id"),
    "a profile of the home's file": ({"AWS_PROFILE": "other"}, "other-id"),
    "a profile with a program": ({"AWS_PROFILE": "programs"}, "process-id"),
    "keys beside a profile": (
        {"AWS_PROFILE": "other", "AWS_ACCESS_KEY_ID": "env-id", "AWS_SECRET_ACCESS_KEY": "e"},
        "env-id",
    ),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of the runner."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    return tmp_path


def asked(env: dict[str, str]) -> list[str] | None:
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    found: list[str] | None = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("case", CASES)
def test_runner_and_installer_are_one_principal(case: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables, access_key = CASES[case]
    own = {"PATH": "/usr/bin:/bin", "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **variables}
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    childs = environment.environment(AWS, "att_1", "c", home / "of-the-attempt")
    assert childs["HOME"] != own["HOME"]
    found = asked(childs)
    assert found == asked(own)
    assert found is not None
    assert found[0] == access_key


def test_everything_that_decides_who_it_is_and_how_it_gets_there_is_passed_on() -> None:
    names = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        *(spelt for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY") for spelt in (name, name.lower())),
        "SSL_CERT_FILE",
    ]
    own = dict.fromkeys(names, "x") | {"OCPCTL_DATABASE_URL": "secret", "LD_PRELOAD": "x", "PYTHONPATH": "x"}
    assert environment.passed_on(AWS, own) == dict.fromkeys(names, "x") | {"AWS_SDK_LOAD_CONFIG": "1"}


def test_secrets_of_the_environment_are_known() -> None:
    own = {"AWS_SECRET_ACCESS_KEY": "a" * 40, "AWS_SESSION_TOKEN": "", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "local"}
    assert AWS.secrets(own) == ("a" * 40,)
