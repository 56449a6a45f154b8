"""Deletes the discovery documents of a cluster's identity provider, and CloudFront's way to private ones."""

import time
from collections.abc import Callable

from ocpctl_common.providers.aws.resources import cloudfront
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, do_if_found, present
from ocpctl_common.providers.cloud import Thing

POLL_SECONDS = 10.0  # between two looks at a distribution that is being disabled: that takes minutes


def delete_bucket(clients: Clients, bucket: Thing, check: Callable[[], None]) -> None:
    """Whatever lies in it goes with it, with all its versions."""
    client = clients.get("s3", bucket.region)
    for listed in ("Versions", "DeleteMarkers"):
        for item in present(client, "list_object_versions", listed, Bucket=bucket.id):
            check()
            do_if_found(client, "delete_object", Bucket=bucket.id, Key=item["Key"], VersionId=item["VersionId"])
    do_if_found(client, "delete_bucket", Bucket=bucket.id)


def delete_distribution(clients: Clients, distribution: Thing, check: Callable[[], None]) -> None:
    """It is disabled first, and every edge must have heard of it. The caller's deadline holds."""
    _disable(clients, distribution)
    while (answer := cloudfront.get(clients, distribution)) and answer["Distribution"]["Status"] != "Deployed":
        time.sleep(POLL_SECONDS)
        check()
    if answer:
        client = clients.get(cloudfront.SERVICE, GLOBAL_REGION)
        do_if_found(client, "delete_distribution", Id=distribution.id, IfMatch=answer["ETag"])


def _disable(clients: Clients, distribution: Thing) -> None:
    answer = cloudfront.get(clients, distribution)
    if answer and (config := answer["Distribution"]["DistributionConfig"])["Enabled"]:
        do_if_found(
            clients.get(cloudfront.SERVICE, GLOBAL_REGION),
            "update_distribution",
            Id=distribution.id,
            IfMatch=answer["ETag"],
            DistributionConfig={**config, "Enabled": False},
        )


def delete_identity(clients: Clients, identity: Thing, _: Callable[[], None]) -> None:
    """The distribution that uses it is gone."""
    if answer := cloudfront.get(clients, identity):
        client = clients.get(cloudfront.SERVICE, GLOBAL_REGION)
        do_if_found(client, "delete_cloud_front_origin_access_identity", Id=identity.id, IfMatch=answer["ETag"])
