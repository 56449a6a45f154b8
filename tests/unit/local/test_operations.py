"""What is asked of AWS is known by the name that AWS has for it, also where a request names nothing."""

import io
from typing import Any

import pytest
from ocpctl_local.moto import aws, operations
from ocpctl_local.moto.calls import Calls


def request(service: str, method: str, address: str, headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
    path, _, query = address.partition("?")
    signature = f"AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return {
        "HTTP_AUTHORIZATION": signature,
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }


@pytest.mark.parametrize(
    ("service", "method", "address", "headers", "operation"),
    [
        ("s3", "GET", "/", {}, "ListBuckets"),
        ("s3", "PUT", "/bucket", {}, "CreateBucket"),
        ("s3", "HEAD", "/bucket", {}, "HeadBucket"),
        ("s3", "GET", "/bucket", {}, "ListObjects"),
        ("s3", "GET", "/bucket?list-type=2&prefix=", {}, "ListObjectsV2"),
        ("s3", "GET", "/bucket?versions", {}, "ListObjectVersions"),
        ("s3", "GET", "/bucket?versioning", {}, "GetBucketVersioning"),
        ("s3", "POST", "/bucket?delete", {}, "DeleteObjects"),
        ("s3", "PUT", "/bucket?publicAccessBlock", {}, "PutPublicAccessBlock"),
        ("s3", "DELETE", "/bucket?publicAccessBlock", {}, "DeletePublicAccessBlock"),
        ("s3", "PUT", "/bucket/a/key", {}, "PutObject"),
        ("s3", "PUT", "/bucket/a/key", {"HTTP_X_AMZ_TAGGING": "a=b"}, "PutObject+Tagging"),
        ("s3", "PUT", "/bucket/a/key", {"HTTP_X_AMZ_COPY_SOURCE": "other/key"}, "CopyObject"),
        ("s3", "PUT", "/bucket/a/key?partNumber=1&uploadId=x", {}, "UploadPart"),
        ("s3", "DELETE", "/bucket/a/key", {}, "DeleteObject"),
        ("s3", "DELETE", "/bucket/a/key?versionId=x", {}, "DeleteObject+VersionId"),
        ("s3", "DELETE", "/bucket/a/key?uploadId=x", {}, "AbortMultipartUpload"),
        ("route53", "GET", "/2013-04-01/hostedzone", {}, "ListHostedZones"),
        ("route53", "GET", "/2013-04-01/hostedzone/Z1", {}, "GetHostedZone"),
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", {}, "ChangeResourceRecordSets"),
        ("route53", "POST", "/2013-04-01/tags/hostedzone", {}, "ListTagsForResources"),
        ("cloudfront", "POST", "/2020-05-31/distribution?WithTags", {}, "CreateDistributionWithTags"),
        ("elasticfilesystem", "GET", "/2015-02-01/file-systems", {}, "DescribeFileSystems"),
        ("sqs", "POST", "/", {"HTTP_X_AMZ_TARGET": "AmazonSQS.ReceiveMessage"}, "ReceiveMessage"),
        ("s3", "POST", "/", {}, ""),
    ],
)
def test_what_is_asked_for(service: str, method: str, address: str, headers: dict[str, str], operation: str) -> None:
    assert operations.asked_for(request(service, method, address, headers)) == operation


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        (b"Action=DescribeVpcs&Version=2016-11-15", "DescribeVpcs"),
        (b"Action=CreateRole&RoleName=x&Tags.member.1.Key=a", "CreateRole+Tags"),
        (b"Action=CreateVpc&TagSpecification.1.ResourceType=vpc", "CreateVpc+Tags"),
        (b"Action=CreateRole&Description=the+Tags.are+missing", "CreateRole"),
    ],
)
def test_a_form_tells_it_and_can_be_read_again(body: bytes, operation: str) -> None:
    asked = request("iam", "POST", "/", {}, body)
    assert operations.asked_for(asked) == operation
    assert asked["wsgi.input"].read() == body


def test_each_call_is_kept_once_with_its_caller() -> None:
    agents = {
        "Boto3/1.40 md/Botocore#1.40 ocpctl/installer-runner": "ocpctl/installer-runner",
        "Botocore/1.40 ua/2.1 OpenShift/4.x Installer/v4.20": "OpenShift/4.x Installer",
        "Botocore/1.40 ua/2.1 ccoctl/v4.20": "ccoctl",
        "Boto3/1.40 ua/2.1": "",
    }
    calls = Calls()
    for agent in [*agents, *agents]:
        calls.remember(request("sts", "POST", "/", {"HTTP_USER_AGENT": agent}, b"Action=GetCallerIdentity"))
    calls.remember({"PATH_INFO": "/moto-api/", "HTTP_USER_AGENT": "Boto3/1.40 ocpctl/janitor"})
    assert calls.seen() == {(caller, "sts", "GetCallerIdentity", aws.ACCOUNT) for caller in agents.values()}
