"""Which IAM actions a call needs: mostly the one of the same name, else what the table says.

The names of operations are those of `ocpctl_local.moto.operations`. A name that is neither in the table nor an action
of IAM fails: somebody must look it up in the Service Authorization Reference. The list of actions is cfn-lint's.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

PREFIXES = {"tagging": "tag"}  # where the word of the signature's scope is another
TABLE: Mapping[str, tuple[str, ...]] = {
    "cloudfront:CreateDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    "iam:AddRoleToInstanceProfile": ("iam:AddRoleToInstanceProfile", "iam:PassRole"),
    "iam:CreateInstanceProfile+Tags": ("iam:CreateInstanceProfile", "iam:TagInstanceProfile"),
    "iam:CreateRole+Tags": ("iam:CreateRole", "iam:TagRole"),
    "iam:CreateUser+Tags": ("iam:CreateUser", "iam:TagUser"),
    "iam:TagOpenIDConnectProvider+Tags": ("iam:TagOpenIDConnectProvider",),
    # Of a private zone: whoever makes it must see its VPC.
    "route53:CreateHostedZone": ("route53:CreateHostedZone", "ec2:DescribeVpcs"),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:DeleteObject+VersionId": ("s3:DeleteObjectVersion",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:GetObject+VersionId": ("s3:GetObjectVersion",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:PutObject+Tagging": ("s3:PutObject", "s3:PutObjectTagging"),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sts:GetCallerIdentity": (),  # needs no permission
}
# What a service asks of KMS in its caller's name, where a thing has a key of its own. Objects come in one part: of
# many parts S3 would decrypt, too.
WITH_KEYS: Mapping[str, tuple[str, ...]] = {
    "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sqs:SendMessage": ("kms:Decrypt", "kms:GenerateDataKey"),
}
# What tags at the birth of a thing need beside it.
WITH_TAGS = {"ec2": "ec2:CreateTags", "elasticloadbalancing": "elasticloadbalancing:AddTags"}


class Unmapped(Exception):
    """Nobody knows which action the call needs."""


def needed(service: str, operation: str) -> tuple[str, ...]:
    """What IAM asks for. Raises Unmapped."""
    prefix = PREFIXES.get(service, service)
    name = f"{prefix}:{operation}"
    if name in TABLE:
        return TABLE[name]
    plain = name.removesuffix("+Tags")
    if plain.lower() not in known():
        raise Unmapped(f"{name} is no action of IAM: the table of {__name__} must say what it needs")
    if plain == name:
        return (name,)
    if prefix not in WITH_TAGS:
        raise Unmapped(f"{name}: the table of {__name__} must say what its tags need")
    return (plain, WITH_TAGS[prefix])


def with_keys(actions: Iterable[str]) -> set[str]:
    """These actions, and what keys need for them."""
    return {each for action in actions for each in (action, *WITH_KEYS.get(action, ()))}


@cache
def known() -> frozenset[str]:
    """All actions of IAM, in small letters."""
    services = json.loads((resources.files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text())
    return frozenset(f"{prefix}:{action}".lower() for prefix, one in services.items() for action in one["Actions"])
