"""Where the things lie that ccoctl makes, by the words of its journal, and what is done with each of them there."""

from collections.abc import Collection

from ocpctl_local.moto import aws

WHERE = {
    "bucket": "arn:aws:s3:::",
    "object": "arn:aws:s3:::",
    "provider": "",  # the journal has its ARN
    "role": f"arn:aws:iam::{aws.ACCOUNT}:role/",
    "distribution": f"arn:aws:cloudfront::{aws.ACCOUNT}:distribution/",
    "identity": f"arn:aws:cloudfront::{aws.ACCOUNT}:origin-access-identity/",
}
# By the beginning of a statement's Sid.
ON: dict[str, dict[str, Collection[str]]] = {
    "bucket": {
        "Ccoctl": ("s3:CreateBucket", "s3:PutBucketTagging", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock"),
        "Own": ("s3:ListBucketVersions", "s3:DeleteBucket"),
        "Verification": ("s3:ListBucket", "s3:GetBucketTagging"),
    },
    "distribution": {
        "Ccoctl": ("cloudfront:CreateDistribution", "cloudfront:TagResource", "cloudfront:GetDistribution"),
        "Own": ("cloudfront:UpdateDistribution", "cloudfront:DeleteDistribution"),
        "Verification": ("cloudfront:GetDistribution",),
    },
    "identity": {
        "Ccoctl": ("cloudfront:CreateCloudFrontOriginAccessIdentity",),
        "Own": ("cloudfront:DeleteCloudFrontOriginAccessIdentity",),
        "Verification": ("cloudfront:GetCloudFrontOriginAccessIdentity",),
    },
    "object": {"Ccoctl": ("s3:PutObject", "s3:PutObjectTagging"), "Own": ("s3:DeleteObjectVersion",)},
    "provider": {
        "Ccoctl": ("iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"),
        "Own": ("iam:DeleteOpenIDConnectProvider",),
        "Verification": ("iam:ListOpenIDConnectProviderTags", "iam:GetOpenIDConnectProvider"),
    },
    "role": {
        "Ccoctl": ("iam:CreateRole", "iam:GetRole", "iam:TagRole", "iam:PutRolePolicy"),
        "Own": ("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
        "Verification": ("iam:GetRole",),
    },
}
