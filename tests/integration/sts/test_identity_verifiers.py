"""One suite for both identity verifiers: AWS STS (a real HTTP exchange) and the local key ring say the same."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from ocpctl_common.errors import InvalidRequest, NotAuthenticated, NotPermitted, OcpctlError, Unavailable
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sts import aws
from ocpctl_common.sts.aws import MAX_BYTES, AwsVerifier
from ocpctl_common.sts.identity import CallerIdentity, IdentityVerifier
from ocpctl_common.sts.local import LocalVerifier
from ocpctl_common.sts.proof import LoginProof

from tests.integration import fake_sts
from tests.integration.fake_sts import FakeSts
from tests.integration.small_server import Answer

AUDIENCE = "https://ocpctl.example.com"
REGIONS = ["us-east-1", "eu-central-1"]
ACCOUNT = "123456789012"
NONCE = "n" * 43


def key(key_id: str, resource: str, user_id: str, token: str | None = None, account: str = ACCOUNT) -> AccessKey:
    arn = f"arn:aws:{resource.format(ACCOUNT)}"
    return AccessKey(
        access_key_id=key_id,
        secret=f"secret of {key_id}",
        session_token=token,
        arn=arn,
        user_id=user_id,
        account=account,
    )


ANN = key("AKIAANN00000", "iam::{}:user/eng/ann", "AIDAANN00000")
BOB = key("AKIABOB00000", "iam::{}:user/bob", "AIDABOB00000")
CI = key("ASIACI000000", "sts::{}:assumed-role/deploy/ci-17", "AROADEPLOY00:ci-17", "IQoJb3JpZ2luX2VjE//+==")
ROOT = key("AKIAROOT0000", "iam::{}:root", ACCOUNT)
FEDERATED = key("ASIAFED00000", "sts::{}:federated-user/eve", f"{ACCOUNT}:eve", "IQoJb3JpZ2luX2VjE//+==")
TORN = key("AKIATORN0000", "iam::{}:user/torn", "AIDATORN0000", account="210987654321")
KEYS = {one.access_key_id: one for one in (ANN, BOB, CI, ROOT, FEDERATED, TORN)}


@dataclass(slots=True)
class Setting:
    """A verifier, STS behind it, and a clock that can be put wrong."""

    sts: FakeSts
    skew: timedelta = field(default_factory=timedelta)

    def clock(self) -> datetime:
        return datetime.now(tz=UTC) + self.skew

    def aws(self) -> AwsVerifier:
        return AwsVerifier(audience=AUDIENCE, regions=REGIONS, clock=self.clock, endpoint_url=self.sts.url)

    def local(self) -> LocalVerifier:
        ring = KeyRing(KEYS.values())
        return LocalVerifier(ring, self.sts.url, "development", audience=AUDIENCE, regions=REGIONS, clock=self.clock)


@pytest.fixture
def setting() -> Iterator[Setting]:
    with fake_sts.running(KEYS) as sts:
        yield Setting(sts)


@pytest.fixture(params=["aws", "local"])
def verifier(request: pytest.FixtureRequest, setting: Setting) -> IdentityVerifier:
    return setting.aws() if request.param == "aws" else setting.local()


def proof(
    who: AccessKey = ANN,
    region: str = "us-east-1",
    audience: str = AUDIENCE,
    body: str = "Action=GetCallerIdentity&Version=2011-06-15",
    host: str = "sts.us-east-1.amazonaws.com",
    more: dict[str, str] | None = None,
) -> LoginProof:
    """A proof as a client makes it, with botocore's signer."""
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    headers = {"content-type": content_type, "x-ocpctl-audience": audience, "x-ocpctl-nonce": NONCE, **(more or {})}
    request = AWSRequest("POST", f"https://{host}/", headers, body)
    SigV4Auth(ReadOnlyCredentials(who.access_key_id, who.secret, who.session_token), "sts", region).add_auth(request)
    return LoginProof(
        access_key_id=who.access_key_id,
        region=region,
        amz_date=request.headers["X-Amz-Date"],
        session_token=who.session_token or "",
        nonce=NONCE,
        signature=request.headers["Authorization"].rpartition("=")[2],
    )


def refused(verifier: IdentityVerifier, shown: LoginProof, error: type[OcpctlError], reason: str) -> None:
    with pytest.raises(error) as refusal:
        verifier.verify(shown)
    assert refusal.value.reason == reason


def test_a_user(verifier: IdentityVerifier) -> None:
    assert verifier.verify(proof()) == CallerIdentity(
        arn=ANN.arn, account=ACCOUNT, unique_id="AIDAANN00000", session_name=""
    )


def test_a_session_of_a_role(verifier: IdentityVerifier) -> None:
    assert verifier.verify(proof(CI)) == CallerIdentity(
        arn=f"arn:aws:iam::{ACCOUNT}:role/deploy", account=ACCOUNT, unique_id="AROADEPLOY00", session_name="ci-17"
    )


def test_another_region(verifier: IdentityVerifier) -> None:
    shown = proof(region="eu-central-1", host="sts.eu-central-1.amazonaws.com")
    assert verifier.verify(shown).arn == ANN.arn


def later(amz_date: str) -> str:
    moment = datetime.strptime(amz_date, "%Y%m%dT%H%M%S%z") + timedelta(seconds=1)
    return f"{moment:%Y%m%dT%H%M%SZ}"


REPLAYED = {
    "another nonce": lambda: replace(proof(), nonce="m" * 43),
    "another region": lambda: replace(proof(), region="eu-central-1"),
    "another date": lambda: replace(proof(), amz_date=later(proof().amz_date)),
    "another token": lambda: replace(proof(CI), session_token="IQoJb3JpZ2luX2VjE//+=="[::-1].replace("=", "A")),
    "no token": lambda: replace(proof(CI), session_token=""),
    "a token of nobody": lambda: replace(proof(), session_token="IQoJb3JpZ2luX2VjE"),
    "another signature": lambda: replace(proof(), signature=proof(BOB).signature),
    "another key": lambda: replace(proof(), access_key_id=BOB.access_key_id),
    "an unknown key": lambda: replace(proof(), access_key_id="AKIANOBODY00"),
    "another secret": lambda: proof(replace(ANN, secret="guessed")),
    "signed for another server": lambda: proof(audience="https://other.example.com"),
    "signed for no server": lambda: proof(audience=""),
    "another action signed": lambda: proof(body="Action=GetSessionToken&Version=2011-06-15"),
    "more parameters signed": lambda: proof(body="Action=GetCallerIdentity&Version=2011-06-15&X=1"),
    "another host signed": lambda: proof(host="sts.evil.com"),
    "the global host signed": lambda: proof(host="sts.amazonaws.com"),
    "one more header signed": lambda: proof(more={"x-more": "1"}),
}


@pytest.mark.parametrize("name", REPLAYED)
def test_a_proof_of_something_else(verifier: IdentityVerifier, name: str) -> None:
    refused(verifier, REPLAYED[name](), NotAuthenticated, "LOGIN_REFUSED")


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_wrong_clock(setting: Setting, verifier: IdentityVerifier, minutes: int) -> None:
    setting.skew = timedelta(minutes=minutes)
    refused(verifier, proof(), NotAuthenticated, "REQUEST_EXPIRED")
    assert not setting.sts.asked


SMUGGLED = {
    "a parameter in the token": {"session_token": "a" * 20 + "&Action=GetSessionToken"},
    "a parameter in the nonce": {"nonce": "n" * 43 + "&action=AssumeRole"},
    "a header in the token": {"session_token": "a" * 20 + "\r\nx-amz-target: AssumeRole"},
    "a header in the nonce": {"nonce": "n" * 43 + "\nhost: evil.com"},
    "a header in the date": {"amz_date": "20260830T123600Z\r\nhost: evil.com"},
    "a part in the key id": {"access_key_id": "AKIAANN00000/20260830/us-east-1/sts/aws4_request, SignedHeaders=host"},
    "a part in the signature": {"signature": "ab" * 32 + ", Signature=" + "cd" * 32},
    "a letter of another script": {"access_key_id": "AKIAАNN00000"},
    "a digit of another script": {"amz_date": "٢0260830T123600Z"},
    "another host by the region": {"region": "us-east-1.evil.com"},
    "a path by the region": {"region": "us-east-1/"},
    "a user by the region": {"region": "us-east-1@evil.com"},
    "a fragment by the region": {"region": "evil.com#"},
    "a region in capitals": {"region": "US-EAST-1"},
    "a region that is not allowed": {"region": "us-west-2"},
}


@pytest.mark.parametrize("changes", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_nothing_can_be_smuggled_in(setting: Setting, verifier: IdentityVerifier, changes: dict[str, str]) -> None:
    refused(verifier, replace(proof(), **changes), InvalidRequest, "INVALID_REQUEST")
    assert not setting.sts.asked


@pytest.mark.parametrize("who", [ROOT, FEDERATED], ids=["root", "a federated user"])
def test_who_may_not_sign_in(verifier: IdentityVerifier, who: AccessKey) -> None:
    refused(verifier, proof(who), NotPermitted, "PRINCIPAL_KIND_REFUSED")


def test_an_account_that_is_not_the_arns(verifier: IdentityVerifier) -> None:
    refused(verifier, proof(TORN), NotAuthenticated, "IDENTITY_INCONSISTENT")


def test_what_sts_is_asked(setting: Setting) -> None:
    setting.aws().verify(proof(CI))
    [lines] = setting.sts.asked
    expected = {
        "host": "sts.us-east-1.amazonaws.com",
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "content-length": "43",
        "x-amz-security-token": CI.session_token,
        "x-ocpctl-audience": AUDIENCE,
        "x-ocpctl-nonce": NONCE,
    }
    assert len(lines) == len({name.lower() for name, _ in lines})
    got = {name.lower(): value for name, value in lines}
    assert got.keys() - expected.keys() == {"authorization", "user-agent", "x-amz-date"}
    assert {name: got[name] for name in expected} == expected


HTML = Answer(body=b"<html>sign in to the hotel's network</html>", headers={"content-type": "text/html"})
LONG = Answer(body=fake_sts.identity(ANN).body.ljust(MAX_BYTES + 1))
ODD = {
    "HTML": HTML,
    "a body that is too long": LONG,
    "another action's answer": fake_sts.identity(ANN, action="GetSessionToken"),
    "an answer around it": Answer(body=b'{"AssumeRoleResponse":' + fake_sts.identity(ANN).body + b"}"),
    "one more field": fake_sts.identity(ANN, arn="arn:aws:iam::123456789012:user/boss"),
    "XML": Answer(body=b"<GetCallerIdentityResponse/>", headers={"content-type": "text/xml"}),
    "an error of STS": fake_sts.error("InternalFailure", "application/json", 500),
    "too many requests": fake_sts.error("Throttling", "application/json", 400),
    "a packed body": Answer(body=b"\x1f\x8b", headers={"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
def test_an_answer_that_is_not_one(setting: Setting, answer: Answer) -> None:
    setting.sts.says = answer
    refused(setting.aws(), proof(), Unavailable, "UNAVAILABLE")


def test_the_longest_answer(setting: Setting) -> None:
    setting.sts.says = replace(LONG, body=LONG.body[:MAX_BYTES])
    assert setting.aws().verify(proof()).arn == ANN.arn


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(setting: Setting, status: int) -> None:
    setting.sts.says = Answer(status=status, headers={"location": f"{setting.sts.url}/elsewhere"})
    refused(setting.aws(), proof(), Unavailable, "UNAVAILABLE")
    assert len(setting.sts.asked) == 1


def test_an_answer_for_another_account(setting: Setting) -> None:
    setting.sts.says = fake_sts.identity(ANN, Account="210987654321")
    refused(setting.aws(), proof(), NotAuthenticated, "IDENTITY_INCONSISTENT")


@pytest.mark.parametrize("accept", ["application/json", "text/xml"])
def test_a_refusal_of_sts(setting: Setting, accept: str) -> None:
    setting.sts.says = fake_sts.error("InvalidClientTokenId", accept)
    refused(setting.aws(), proof(), NotAuthenticated, "LOGIN_REFUSED")


def test_sts_that_hangs(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "SECONDS", 0.2)
    setting.sts.says = Answer(delay=threading.Event())
    try:
        refused(setting.aws(), proof(), Unavailable, "UNAVAILABLE")
        assert len(setting.sts.asked) == 1
    finally:
        assert setting.sts.says.delay
        setting.sts.says.delay.set()


def test_sts_that_is_away(setting: Setting) -> None:
    verifier = AwsVerifier(audience=AUDIENCE, regions=REGIONS, endpoint_url="http://127.0.0.1:1")
    refused(verifier, proof(), Unavailable, "UNAVAILABLE")
