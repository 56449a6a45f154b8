"""What AWS refuses because of this machine's clock says so."""

import pytest
from botocore.exceptions import ClientError
from ocpctl_common.cloud.session import CLOCK, aws_errors
from ocpctl_common.errors import CloudRefused
from ocpctl_installer_runner.runner_faults import call_refused


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),  # S3
        ("RequestExpired", "Request has expired."),  # EC2
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T004500Z",
        ),  # STS, IAM
        ("InvalidSignatureException", "Signature not yet current: 20260101T010000Z is still later than 20260101T0005Z"),
    ],
)
def test_a_clock_that_is_wrong_is_named(code: str, message: str) -> None:
    with pytest.raises(CloudRefused) as refused, aws_errors("anything"):
        raise ClientError({"Error": {"Code": code, "Message": message}}, "AnyCall")
    assert CLOCK in refused.value.message
    assert str(refused.value).endswith(f"{message} {CLOCK}")
    assert call_refused(refused.value).sentence == f"AWS refused this runner the call AnyCall: {code}. {CLOCK}"


def test_another_wrong_signature_is_nothing_of_the_clock() -> None:
    words = "The request signature we calculated does not match the signature you provided."
    with pytest.raises(CloudRefused) as refused, aws_errors("anything"):
        raise ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": words}}, "AnyCall")
    assert refused.value.advice == ""
    assert call_refused(refused.value).sentence.endswith("AnyCall: SignatureDoesNotMatch.")
