"""The comparison of policies with calls can fail: both ways, and as IAM reads patterns."""

import pytest

from tests.policy.actions import Unmapped
from tests.policy.actions import needed as of_call
from tests.policy.comparison import Call, allows_on, matches, needed, not_granted, not_needed
from tools.policies import Statement

CALLS: set[Call] = {
    ("ocpctl/installer-runner", "s3", "PutObject"),
    ("ocpctl/installer-runner", "s3", "HeadBucket"),
    ("ocpctl/installer-runner", "tagging", "GetResources"),
    ("ocpctl/janitor", "sqs", "ReceiveMessage"),
}
WANTED = {"s3:PutObject", "s3:ListBucket", "tag:GetResources"}


def statement(*actions: str, on: str = "*") -> Statement:
    return Statement(policy="Any", sid="Some", actions=actions, resources=(on,))


def test_only_what_a_caller_calls_is_needed() -> None:
    assert needed(CALLS, "ocpctl/installer-runner") == WANTED
    assert needed(CALLS, "ocpctl/installer-runner", "ocpctl/janitor") == {*WANTED, "sqs:ReceiveMessage"}


def test_a_policy_that_fits_has_nothing_missing_and_nothing_too_much() -> None:
    fitting = [statement("s3:PutObject", "s3:ListBucket"), statement("tag:GetResources")]
    assert not_granted(WANTED, fitting) == []
    assert not_needed(WANTED, fitting) == []


def test_an_action_that_is_lacking_is_named() -> None:
    assert not_granted(WANTED, [statement("s3:PutObject"), statement("tag:GetResources")]) == ["s3:ListBucket"]
    assert not_granted(WANTED, []) == sorted(WANTED)


def test_an_action_too_much_is_named_with_its_statement() -> None:
    wide = [statement("s3:PutObject", "s3:ListBucket", "s3:DeleteBucket"), statement("tag:GetResources")]
    assert not_needed(WANTED, wide) == ["Some s3:DeleteBucket"]


@pytest.mark.parametrize("pattern", ["s3:*Object", "S3:putobject", "s3:Put?bject", "s3:*", "*"])
def test_a_pattern_grants_what_it_fits_whatever_the_case(pattern: str) -> None:
    assert not_granted({"s3:PutObject"}, [statement(pattern)]) == []


@pytest.mark.parametrize("pattern", ["s3:Put?", "s3:Object", "s3:PutObject?", "s3x*", "s3.PutObject"])
def test_a_pattern_grants_nothing_else(pattern: str) -> None:
    assert not_granted({"s3:PutObject"}, [statement(pattern)]) == ["s3:PutObject"]


def test_a_pattern_is_too_much_for_every_action_of_aws_that_it_fits() -> None:
    """`s3:Put*` would pass for needed where only one of its actions is."""
    much = not_needed(WANTED, [statement("s3:Put*")])
    assert "Some s3:putbucketpolicy" in much
    assert "Some s3:putobject" not in much
    assert not_needed({"tag:GetResources"}, [statement("tag:GetResource?")]) == []


def test_what_is_no_action_is_too_much() -> None:
    assert not_needed(WANTED, [statement("s3:HeadBucket")]) == ["Some s3:HeadBucket"]
    assert not_needed(WANTED, [statement("s3:Nothing*")]) == ["Some s3:Nothing*"]


@pytest.mark.parametrize(
    ("service", "operation", "wanted"),
    [
        ("ec2", "DescribeVpcs", ("ec2:DescribeVpcs",)),
        ("ec2", "CreateVpc+Tags", ("ec2:CreateVpc", "ec2:CreateTags")),
        ("elasticloadbalancing", "CreateLoadBalancer+Tags", ("elasticloadbalancing:CreateLoadBalancer",)),
        ("iam", "CreateRole+Tags", ("iam:CreateRole", "iam:TagRole")),
        ("s3", "ListBuckets", ("s3:ListAllMyBuckets",)),
        ("s3", "PutObject+Tagging", ("s3:PutObject", "s3:PutObjectTagging")),
        ("s3", "DeleteObject+VersionId", ("s3:DeleteObjectVersion",)),
        ("s3", "PutPublicAccessBlock", ("s3:PutBucketPublicAccessBlock",)),
        ("tagging", "GetResources", ("tag:GetResources",)),
        ("sts", "GetCallerIdentity", ()),
    ],
)
def test_what_a_call_needs(service: str, operation: str, wanted: tuple[str, ...]) -> None:
    assert of_call(service, operation)[: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "GetBucketLifecycle"), ("s3", ""), ("nothing", "DescribeVpcs"), ("iam", "CreatePolicy+Tags")],
)
def test_a_call_that_nobody_has_looked_up_fails(service: str, operation: str) -> None:
    with pytest.raises(Unmapped, match="must say what"):
        of_call(service, operation)


def test_names_of_things_have_case_and_variables_stand_for_anything() -> None:
    on = [statement("s3:PutObject", on="arn:${AWS::Partition}:s3:::*-oidc/*")]
    assert allows_on(on, "s3:PutObject", "arn:aws:s3:::one-x7k2p-oidc/keys.json")
    assert not allows_on(on, "s3:PutObject", "arn:aws:s3:::one-x7k2p-oidc")
    assert not allows_on(on, "s3:PutObject", "arn:aws:s3:::one-x7k2p-OIDC/keys.json")
    assert not allows_on(on, "s3:GetObject", "arn:aws:s3:::one-x7k2p-oidc/keys.json")
    assert matches("a[b]*", "A[b].c")
