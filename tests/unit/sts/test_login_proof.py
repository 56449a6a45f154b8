"""Fields of a login proof, the request that is built from them, and identities in one form."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ocpctl_common.errors import InvalidRequest, NotAuthenticated, NotPermitted, OcpctlError, Unavailable
from ocpctl_common.sigv4.keys import KeyRing
from ocpctl_common.sts.answer import read_answer
from ocpctl_common.sts.identity import CallerIdentity, parse_identity
from ocpctl_common.sts.local import LocalVerifier
from ocpctl_common.sts.proof import LoginProof, check_proof, signed_request, sts_host

REGIONS = ["us-east-1", "eu-central-1"]
NOW = datetime(2026, 8, 30, 12, 36, tzinfo=UTC)
PROOF = LoginProof(
    access_key_id="ASIAEXAMPLE0",
    region="us-east-1",
    amz_date="20260830T123600Z",
    session_token="IQoJb3JpZ2luX2VjE//+==",
    nonce="n" * 43,
    signature="ab" * 32,
)


def test_a_good_proof_and_what_is_printed_of_it() -> None:
    check_proof(PROOF, now=NOW, regions=REGIONS)
    check_proof(replace(PROOF, session_token=""), now=NOW + timedelta(minutes=5), regions=REGIONS)
    assert "IQoJb3" not in repr(PROOF)
    assert "abab" not in repr(PROOF)


WRONG = {
    "accessKeyId": ["", "akia", "AKIAEXAMPLE0/20260830", "AKIAEXAMPLE0\n", "AKIAEXAMPLE٠", "A" * 129],
    "region": [
        "",
        "us-west-2",
        "us-east-1/",
        "us-east-1.evil.com",
        "us-east-1\r\n",
        "US-EAST-1",
        "@evil.com",
        "us-east-1#",
    ],
    "amzDate": ["", "today", "20260830T123600Z\n", "20260230T123600Z", "2026-08-30T12:36:00Z", "٢0260830T123600Z"],
    "sessionToken": [
        "short",
        "a" * 20 + "&Action=GetSessionToken",
        "a" * 20 + "\r\nx-evil: 1",
        "a" * 9000,
        "a" * 20 + "é",
    ],
    "nonce": ["", "n" * 42, "n" * 65, "n" * 43 + "\n", "n" * 42 + "&", "n" * 42 + "é"],
    "signature": ["", "AB" * 32, "ab" * 31, "ab" * 33, "ab" * 32 + "\n"],
}
FIELDS = {
    "accessKeyId": "access_key_id",
    "region": "region",
    "amzDate": "amz_date",
    "sessionToken": "session_token",
    "nonce": "nonce",
    "signature": "signature",
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{name} {value[:24]!r}" for name, value in CASES])
def test_a_wrong_field_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_proof(replace(PROOF, **{FIELDS[name]: value}), now=NOW, regions=REGIONS)
    assert [problem.field for problem in refusal.value.problems] == [name]


def test_a_refused_region_is_named_with_those_that_are_allowed() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_proof(replace(PROOF, region="us-west-2"), now=NOW, regions=REGIONS)
    [problem] = refusal.value.problems
    assert problem.description == "'us-west-2' is not allowed; sign for one of eu-central-1, us-east-1"


def test_all_wrong_fields_are_named_at_once() -> None:
    empty = LoginProof(access_key_id="", region="", amz_date="", session_token="x", nonce="", signature="")
    with pytest.raises(InvalidRequest) as refusal:
        check_proof(empty, now=NOW, regions=REGIONS)
    assert [problem.field for problem in refusal.value.problems] == list(FIELDS)


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_date_that_is_far(minutes: int) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        check_proof(PROOF, now=NOW + timedelta(minutes=minutes), regions=REGIONS)
    assert refusal.value.reason == "REQUEST_EXPIRED"


def test_the_hosts() -> None:
    assert sts_host("us-east-1") == "sts.us-east-1.amazonaws.com"
    assert sts_host("us-gov-west-1") == "sts.us-gov-west-1.amazonaws.com"
    assert sts_host("cn-north-1") == "sts.cn-north-1.amazonaws.com.cn"
    for region in ("us-east-1.evil.com", "us-east-1/", "", "aws-global"):
        with pytest.raises(InvalidRequest):
            sts_host(region)


def test_the_whole_request() -> None:
    request = signed_request(PROOF, "https://ocpctl.example.com")
    names = "content-type;host;x-amz-date;x-amz-security-token;x-ocpctl-audience;x-ocpctl-nonce"
    owner = "ASIAEXAMPLE0/20260830/us-east-1/sts/aws4_request"
    assert (request.method, request.path) == ("POST", "/")
    assert request.body == b"Action=GetCallerIdentity&Version=2011-06-15"
    assert request.headers == {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "sts.us-east-1.amazonaws.com",
        "x-amz-date": PROOF.amz_date,
        "x-amz-security-token": PROOF.session_token,
        "x-ocpctl-audience": "https://ocpctl.example.com",
        "x-ocpctl-nonce": PROOF.nonce,
        "authorization": f"AWS4-HMAC-SHA256 Credential={owner}, SignedHeaders={names}, Signature={PROOF.signature}",
    }
    without = signed_request(replace(PROOF, session_token=""), "a").headers
    assert "x-amz-security-token" not in without
    assert "x-amz-security-token" not in without["authorization"]


ACCOUNT = "123456789012"
IDENTITIES = {
    "a user": ("arn:aws:iam::123456789012:user/ann", "AIDAEXAMPLE0", "arn:aws:iam::123456789012:user/ann", ""),
    "a user with a path": (
        "arn:aws:iam::123456789012:user/eng/eu/ann@example.com",
        "AIDAEXAMPLE0",
        "arn:aws:iam::123456789012:user/eng/eu/ann@example.com",
        "",
    ),
    "a role": (
        "arn:aws:sts::123456789012:assumed-role/deploy/ci-17",
        "AROAEXAMPLE0:ci-17",
        "arn:aws:iam::123456789012:role/deploy",
        "ci-17",
    ),
    "an Identity Center user": (
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ann@example.com",
        "AROAEXAMPLE0:ann@example.com",
        "arn:aws:iam::123456789012:role/AWSReservedSSO_Dev_0123456789abcdef",
        "ann@example.com",
    ),
    "a user in China": (
        "arn:aws-cn:iam::123456789012:user/a",
        "AIDAEXAMPLE0",
        "arn:aws-cn:iam::123456789012:user/a",
        "",
    ),
    "a role in GovCloud": (
        "arn:aws-us-gov:sts::123456789012:assumed-role/deploy/ci",
        "AROAEXAMPLE0:ci",
        "arn:aws-us-gov:iam::123456789012:role/deploy",
        "ci",
    ),
}


@pytest.mark.parametrize(("arn", "user_id", "one_form", "session"), IDENTITIES.values(), ids=IDENTITIES.keys())
def test_identities_in_one_form(arn: str, user_id: str, one_form: str, session: str) -> None:
    expected = CallerIdentity(arn=one_form, account=ACCOUNT, unique_id=user_id.partition(":")[0], session_name=session)
    assert parse_identity(arn, user_id, ACCOUNT) == expected


REFUSED = {
    "root": ("arn:aws:iam::123456789012:root", ACCOUNT, "the root user"),
    "federated": ("arn:aws:sts::123456789012:federated-user/ann", f"{ACCOUNT}:ann", "a federated user"),
    "a role itself": ("arn:aws:iam::123456789012:role/deploy", "AROAEXAMPLE0", "this kind of principal"),
    "a group": ("arn:aws:iam::123456789012:group/all", "AGPAEXAMPLE0", "this kind of principal"),
    "a user of sts": ("arn:aws:sts::123456789012:user/ann", "AIDAEXAMPLE0", "this kind of principal"),
    "a user without a name": ("arn:aws:iam::123456789012:user/", "AIDAEXAMPLE0", "this kind of principal"),
    "a session of a session": ("arn:aws:sts::123456789012:assumed-role/a/b1/c1", "AROAEXAMPLE0:b1", "this kind"),
    "a line break": ("arn:aws:iam::123456789012:user/ann\n", "AIDAEXAMPLE0", "this kind of principal"),
    "a pattern": ("arn:aws:iam::123456789012:user/*", "AIDAEXAMPLE0", "this kind of principal"),
    "another partition": ("arn:aws-evil:iam::123456789012:user/ann", "AIDAEXAMPLE0", "this kind of principal"),
    "nothing": ("", "", "this kind of principal"),
}


@pytest.mark.parametrize(("arn", "user_id", "kind"), REFUSED.values(), ids=REFUSED.keys())
def test_who_may_not_sign_in(arn: str, user_id: str, kind: str) -> None:
    with pytest.raises(NotPermitted, match=kind) as refusal:
        parse_identity(arn, user_id, ACCOUNT)
    assert refusal.value.reason == "PRINCIPAL_KIND_REFUSED"


INCONSISTENT = {
    "another account": ("arn:aws:iam::123456789012:user/ann", "AIDAEXAMPLE0", "210987654321"),
    "a role's id for a user": ("arn:aws:iam::123456789012:user/ann", "AROAEXAMPLE0:ann", ACCOUNT),
    "a user's id for a role": ("arn:aws:sts::123456789012:assumed-role/deploy/ci", "AIDAEXAMPLE0", ACCOUNT),
    "another session": ("arn:aws:sts::123456789012:assumed-role/deploy/ci", "AROAEXAMPLE0:cd", ACCOUNT),
}


@pytest.mark.parametrize(("arn", "user_id", "account"), INCONSISTENT.values(), ids=INCONSISTENT.keys())
def test_parts_that_disagree(arn: str, user_id: str, account: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        parse_identity(arn, user_id, account)
    assert refusal.value.reason == "IDENTITY_INCONSISTENT"


INNER = '{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/ann","UserId":"AIDAEXAMPLE0"}'
GOOD = f'{{"GetCallerIdentityResponse":{{"GetCallerIdentityResult":{INNER},"ResponseMetadata":{{"RequestId":"1"}}}}}}'
ERROR = '{{"Error":{{"Code":"{}","Message":"m","Type":"Sender"}},"RequestId":"1"}}'

ANSWERS: dict[str, tuple[int, str, type[OcpctlError]]] = {
    "a wrong signature": (403, ERROR.format("SignatureDoesNotMatch"), NotAuthenticated),
    "an unknown key": (403, ERROR.format("InvalidClientTokenId"), NotAuthenticated),
    "an incomplete signature": (400, ERROR.format("IncompleteSignature"), NotAuthenticated),
    "throttled": (400, ERROR.format("Throttling"), Unavailable),
    "a redirect": (302, "", Unavailable),
    "not found": (404, "", Unavailable),
    "broken": (500, GOOD, Unavailable),
    "accepted only": (202, GOOD, Unavailable),
    "nothing": (200, "", Unavailable),
    "HTML": (200, "<html>", Unavailable),
    "XML": (200, "<GetCallerIdentityResponse/>", Unavailable),
    "deep": (200, "[" * 60_000, Unavailable),
    "a list": (200, "[]", Unavailable),
    "another action": (200, GOOD.replace("GetCallerIdentity", "GetSessionToken"), Unavailable),
    "another action around it": (200, GOOD.replace("GetCallerIdentityResponse", "AssumeRoleResponse"), Unavailable),
    "one more field": (200, GOOD.replace('"Account"', '"Extra":"1","Account"'), Unavailable),
    "one less": (200, GOOD.replace('"Account":"123456789012",', ""), Unavailable),
    "one more answer": (200, GOOD[:-1] + ',"Other":1}', Unavailable),
    "a double in the same case": (200, GOOD.replace('"Arn"', '"Arn":"arn:aws:iam::1:user/x","Arn"'), Unavailable),
    "a double in another case": (200, GOOD.replace('"Arn"', '"arn":"arn:aws:iam::1:user/x","Arn"'), Unavailable),
    "a number": (200, GOOD.replace('"123456789012"', "123456789012"), Unavailable),
    "no UTF-8": (200, "\xff", Unavailable),
    "another account": (200, GOOD.replace('"123456789012"', '"210987654321"'), NotAuthenticated),
}


@pytest.mark.parametrize(("status", "body", "error"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_that_are_no_identity(status: int, body: str, error: type[OcpctlError]) -> None:
    with pytest.raises(error):
        read_answer(status, body.encode("latin-1"), "us-east-1")


def test_an_answer_that_is_one() -> None:
    assert read_answer(200, GOOD.encode(), "us-east-1").unique_id == "AIDAEXAMPLE0"


def test_an_expired_session_is_told() -> None:
    with pytest.raises(NotAuthenticated, match="expired, renew it"):
        read_answer(403, ERROR.format("ExpiredToken").encode(), "us-east-1")


def test_a_region_that_the_account_has_not_is_named() -> None:
    with pytest.raises(NotAuthenticated, match="not active for your account in ap-east-1"):
        read_answer(403, ERROR.format("RegionDisabledException").encode(), "ap-east-1")


def local(endpoint: str, environment: str = "development") -> Callable[[LoginProof], CallerIdentity]:
    return LocalVerifier(KeyRing([]), endpoint, environment, audience="a", regions=REGIONS).verify


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4566", "http://localhost:1/", "https://[::1]:8080", "http://127.9.9.9"]
)
def test_registered_keys_work_beside_an_endpoint_on_this_machine(endpoint: str) -> None:
    local(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://sts.us-east-1.amazonaws.com",
        "http://127.0.0.1@evil.com/",
        "http://localhost.evil.com",
        "http://127.0.0.1.evil.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://[::1",
        "127.0.0.1:4566",
    ],
)
def test_registered_keys_do_not_work_beside_another_endpoint(endpoint: str) -> None:
    with pytest.raises(ValueError, match="on this machine"):
        local(endpoint)


@pytest.mark.parametrize("environment", ["production", "Production", " production\n"])
def test_registered_keys_do_not_work_in_production(environment: str) -> None:
    with pytest.raises(ValueError, match="in production sign-ins are checked by AWS STS"):
        local("http://127.0.0.1:4566", environment)
