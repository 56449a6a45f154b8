"""What ccoctl makes for a cluster beside its roles and its bucket: identity providers, and CloudFront's part."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

MARK = "openshift.io/cloud-credential-operator/"
Tags = list[dict[str, str]]


def found(client: Callable[[str], Any]) -> Iterator[tuple[str, str, Tags]]:
    """Kind, name and tags of each."""
    yield from _providers(client("iam"))
    yield from _distributions(client("cloudfront"))
    yield from _identities(client("cloudfront"))


def _providers(iam: Any) -> Iterator[tuple[str, str, Tags]]:
    """By its URL: it begins with the infra id, unless the bucket is private."""
    for item in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        with suppress(iam.exceptions.NoSuchEntityException):  # deleted meanwhile
            tags = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=item["Arn"]).get("Tags", [])
            yield "identity-provider", item["Arn"].partition("/")[2], tags


def _distributions(cloudfront: Any) -> Iterator[tuple[str, str, Tags]]:
    for page in cloudfront.get_paginator("list_distributions").paginate():
        for item in page["DistributionList"].get("Items", []):
            tags = cloudfront.list_tags_for_resource(Resource=item["ARN"])["Tags"]["Items"]
            yield "distribution", item["Id"], tags


def _identities(cloudfront: Any) -> Iterator[tuple[str, str, Tags]]:
    """They take no tags: the comment stands for one."""
    for page in cloudfront.get_paginator("list_cloud_front_origin_access_identities").paginate():
        for item in page["CloudFrontOriginAccessIdentityList"].get("Items", []):
            yield "access-identity", item["Id"], [{"Key": item["Comment"], "Value": "owned"}]
