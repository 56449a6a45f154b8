"""The client signs in with every kind of AWS credentials at a server that verifies the proof with a key ring."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from ocpctl_client import SignedIn, SignInFailed, sign_in
from ocpctl_client.__main__ import main
from ocpctl_common.errors import OcpctlError
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sts.local import LocalVerifier
from ocpctl_common.sts.proof import LoginProof

from tests.integration.small_server import Answer, Lines, serving

ACCOUNT = "123456789012"
TOKEN = "IQoJb3JpZ2luX2VjE//+=="
ANN = AccessKey(
    access_key_id="AKIAANN00000",
    secret="secret of ann",
    arn=f"arn:aws:iam::{ACCOUNT}:user/ann",
    user_id="AIDAANN00000",
    account=ACCOUNT,
)
ROLE = AccessKey(
    access_key_id="ASIACI000000",
    secret="secret of ci",
    session_token=TOKEN,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci-17",
    user_id="AROADEPLOY00:ci-17",
    account=ACCOUNT,
)
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/deploy"
TOMORROW = f"{datetime.now(tz=UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(slots=True)
class Gateway:
    """The two routes of a sign-in, with real proofs; `says` replaces an answer of a path."""

    url: str = ""
    audience: str = ""
    regions: tuple[str, ...] = ("us-east-1", "eu-central-1")
    nonces: set[str] = field(default_factory=set)
    shown: list[dict[str, Any]] = field(default_factory=list)
    says: dict[str, Answer] = field(default_factory=dict)

    def answer(self, method: str, path: str, _lines: Lines, body: bytes) -> Answer:
        """One exchange."""
        assert method == "POST"
        if path in self.says:
            return self.says[path]
        fields = json.loads(body)
        return self.begin() if path == "/api/v1/auth/logins" else self.finish(fields)

    def begin(self) -> Answer:
        self.nonces.add(nonce := secrets.token_urlsafe(32))
        told = {"nonce": nonce, "audience": self.audience, "regions": self.regions, "expireTime": TOMORROW}
        return Answer(body=json.dumps(told).encode())

    def finish(self, fields: dict[str, Any]) -> Answer:
        self.shown.append(dict(fields))
        names = ("accessKeyId", "region", "amzDate", "sessionToken", "nonce", "signature")
        key, region, date, token, nonce, signature = (fields.pop(name) for name in names)
        assert not fields
        self.nonces.remove(nonce)
        proof = LoginProof(
            access_key_id=key, region=region, amz_date=date, session_token=token, nonce=nonce, signature=signature
        )
        verifier = LocalVerifier(KeyRing([ANN, ROLE]), self.url, "test", audience=self.audience, regions=self.regions)
        try:
            arn = verifier.verify(proof).arn
        except OcpctlError as error:
            told = {"code": 16, "message": error.message, "details": []}
            return Answer(status=401, body=json.dumps(told).encode())
        session = {"sessionId": "ses_1", "token": "to.ke.n", "expireTime": TOMORROW, "principalArn": arn}
        return Answer(body=json.dumps(session).encode())


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    with serving(gateway.answer) as gateway.url:
        gateway.audience = gateway.url
        yield gateway


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without credentials; its home folder is returned."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path


def of(key: AccessKey, region: str | None = None) -> boto3.Session:
    return boto3.Session(key.access_key_id, key.secret, key.session_token, region_name=region)


def in_environment(monkeypatch: pytest.MonkeyPatch, key: AccessKey) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret)
    if key.session_token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", key.session_token)


def test_a_user(gateway: Gateway) -> None:
    signed_in = sign_in(gateway.url, of(ANN))
    assert signed_in == SignedIn(
        token="to.ke.n", session_id="ses_1", expires_at=datetime.fromisoformat(TOMORROW), principal_arn=ANN.arn
    )
    assert "to.ke.n" not in repr(signed_in)
    assert not gateway.nonces


@pytest.mark.parametrize(
    ("wanted", "configured", "used"),
    [
        (None, None, "us-east-1"),
        (None, "eu-central-1", "eu-central-1"),
        (None, "ap-south-1", "us-east-1"),
        ("eu-central-1", "us-east-1", "eu-central-1"),
    ],
)
def test_the_region(gateway: Gateway, wanted: str | None, configured: str | None, used: str) -> None:
    assert sign_in(gateway.url, of(ROLE, configured), wanted).principal_arn == ROLE_ARN
    assert gateway.shown[0]["region"] == used


def test_only_these_fields_leave_and_no_secret(gateway: Gateway) -> None:
    sign_in(gateway.url, of(ROLE))
    [fields] = gateway.shown
    assert sorted(fields) == ["accessKeyId", "amzDate", "nonce", "region", "sessionToken", "signature"]
    assert ROLE.secret not in json.dumps(fields)


def test_a_profile(gateway: Gateway, no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = no_credentials / "credentials"
    file.write_text(f"[work]\naws_access_key_id={ANN.access_key_id}\naws_secret_access_key={ANN.secret}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    assert sign_in(gateway.url, boto3.Session(profile_name="work")).principal_arn == ANN.arn


def test_the_environment(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, ROLE)
    assert sign_in(gateway.url).principal_arn == ROLE_ARN


CREDENTIALS = {
    "Code": "Success",
    "AccessKeyId": ROLE.access_key_id,
    "SecretAccessKey": ROLE.secret,
    "Token": TOKEN,
    "Expiration": TOMORROW,
}
IN_SSO = {
    "accessKeyId": ROLE.access_key_id,
    "secretAccessKey": ROLE.secret,
    "sessionToken": TOKEN,
    "expiration": 4_102_444_800_000,
}


def aws_services(method: str, path: str, _lines: Lines, _body: bytes) -> Answer:
    """An instance's metadata service, a container's credentials, Identity Center's portal."""
    roles = "/latest/meta-data/iam/security-credentials/"
    portal = f"/federation/credentials?role_name=deploy&account_id={ACCOUNT}"
    told = {
        ("PUT", "/latest/api/token"): b"metadata-token",
        ("GET", roles): b"deploy",
        ("GET", f"{roles}deploy"): json.dumps(CREDENTIALS).encode(),
        ("GET", "/container"): json.dumps(CREDENTIALS).encode(),
        ("GET", portal): json.dumps({"roleCredentials": IN_SSO}).encode(),
    }.get((method, path))
    return Answer(body=told) if told else Answer(status=404)


def test_the_role_of_an_instance(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(aws_services) as url:
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        assert sign_in(gateway.url).principal_arn == ROLE_ARN


def test_the_role_of_a_container(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(aws_services) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/container")
        assert sign_in(gateway.url).principal_arn == ROLE_ARN


def command(gateway: Gateway, *words: str) -> subprocess.CompletedProcess[str]:
    """The tool as a process of its own, as a person runs it."""
    whole = [sys.executable, "-m", "ocpctl_client", "sign-in", "--url", gateway.url, *words]
    return subprocess.run(whole, capture_output=True, text=True, check=False)


def test_an_identity_center_user_at_the_command_line(
    gateway: Gateway, no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = "https://example.awsapps.com/start"
    lines = f"sso_start_url={start}\nsso_region=us-east-1\nsso_account_id={ACCOUNT}\nsso_role_name=deploy\n"
    (no_credentials / ".aws" / "config").write_text(f"[profile sso]\n{lines}")
    cache = no_credentials / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha1(start.encode(), usedforsecurity=False).hexdigest()
    signed_in_to_aws = {"startUrl": start, "region": "us-east-1", "accessToken": "a", "expiresAt": TOMORROW}
    (cache / f"{name}.json").write_text(json.dumps(signed_in_to_aws))
    with serving(aws_services) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", url)
        done = command(gateway, "--profile", "sso", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["principalArn"] == ROLE_ARN


def test_the_token_alone_is_printed(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_environment(monkeypatch, ANN)
    assert main(["sign-in", "--url", gateway.url]) == 0
    assert capsys.readouterr() == ("to.ke.n\n", "")


def test_a_server_in_the_middle_gets_nothing(gateway: Gateway) -> None:
    """It hands its visitors' logins on to the real server, to get a session in their name."""
    with serving(gateway.answer) as url, pytest.raises(SignInFailed, match="the server says it is http://127"):
        sign_in(url, of(ANN))
    assert not gateway.shown


def test_a_server_with_two_names(gateway: Gateway) -> None:
    gateway.audience = "https://ocpctl.example.com"
    assert sign_in(gateway.url, of(ANN), audience="https://ocpctl.example.com").principal_arn == ANN.arn


HTML = Answer(body=b"<html>", headers={"content-type": "text/html"})
LOGINS, SESSIONS = "/api/v1/auth/logins", "/api/v1/auth/sessions"
ODD: dict[str, tuple[str, Answer, str]] = {
    "a redirect": (LOGINS, Answer(status=307, headers={"location": "http://127.0.0.1:1/"}), "it answered 307"),
    "a refusal": (LOGINS, Answer(status=429, body=b'{"message": "too many logins"}'), "you in: too many logins"),
    "HTML": (LOGINS, HTML, "has no audience: is this the URL of ocpctl"),
    "a list": (SESSIONS, Answer(body=b"[]"), "has no expireTime"),
    "no time": (SESSIONS, Answer(body=b'{"expireTime": "soon"}'), "expireTime is no time"),
    "an empty token": (
        SESSIONS,
        Answer(body=b'{"expireTime": "2026-01-01T00:00:00.123456789Z", "token": ""}'),
        "no token",
    ),
}


@pytest.mark.parametrize("regions", [[], "us-east-1", ["evil.com/#"], [1], ["us-east-1\n"]])
def test_regions_that_are_none(gateway: Gateway, regions: object) -> None:
    told = {"nonce": "n" * 43, "audience": gateway.url, "regions": regions}
    gateway.says[LOGINS] = Answer(body=json.dumps(told).encode())
    with pytest.raises(SignInFailed, match="has no regions of AWS"):
        sign_in(gateway.url, of(ANN))
    assert not gateway.shown


@pytest.mark.parametrize(("path", "answer", "message"), ODD.values(), ids=ODD.keys())
def test_a_server_that_says_something_else(gateway: Gateway, path: str, answer: Answer, message: str) -> None:
    gateway.says[path] = answer
    with pytest.raises(SignInFailed, match=message):
        sign_in(gateway.url, of(ANN))


def test_a_wrong_secret(gateway: Gateway) -> None:
    with pytest.raises(SignInFailed, match="the login is refused: check your AWS credentials"):
        sign_in(gateway.url, boto3.Session(ANN.access_key_id, "guessed"))


def test_a_region_that_the_server_does_not_take(gateway: Gateway) -> None:
    with pytest.raises(SignInFailed, match="does not take the region ap-south-1; it takes us-east-1, eu-central-1"):
        sign_in(gateway.url, of(ANN), "ap-south-1")


FAILURES = {
    "no credentials": ([], "no AWS credentials found: set AWS_PROFILE"),
    "an unknown profile": (["--profile", "nobody"], "The config profile (nobody) could not be found"),
    "no URL": (["--url", "ocpctl.example.com"], "it must begin with https://"),
    "half a URL": (["--url", "http://[::1"], "is not a URL"),
    "no encryption": (["--url", "http://ocpctl.example.com"], "is not encrypted"),
}


@pytest.mark.parametrize(("words", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_what_goes_wrong_is_said(
    gateway: Gateway, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["sign-in", "--url", gateway.url, *words]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err


def test_a_server_that_is_away() -> None:
    with pytest.raises(SignInFailed, match=r"127\.0\.0\.1:1 cannot be reached"):
        sign_in("http://127.0.0.1:1", of(ANN))
