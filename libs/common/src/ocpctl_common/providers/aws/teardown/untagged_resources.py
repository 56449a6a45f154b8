"""Tags resources whose maker was killed before it could tag them: `destroy cluster` finds them by tags alone.

Neither Route 53 nor S3 takes tags with the call that makes a zone or a bucket. So there is a moment in which only the
maker's reference, or the name, tells whose it is.
"""

from collections.abc import Callable
from typing import Any

import structlog

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.providers.aws.resources import storage, zones
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients
from ocpctl_common.providers.aws.resources.thing import CLUSTER, OWNED, owner_of
from ocpctl_common.providers.cloud import Scope

log = structlog.get_logger()


def tag(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    """Gives the attempt's untagged zones and buckets its tag. Failures are only logged: verification sees them too."""
    try:
        _tag_zones(clients, scope, check)
        _tag_buckets(clients, scope, check)
    except (CloudRefused, CloudUnavailable) as error:
        log.warning("untagged resources not tagged before a destroy", error=str(error))


def _tag_zones(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    for zone in zones.untagged(clients, owner_of(scope), scope.domain):
        check()
        with aws_errors("AWS (change_tags_for_resource)"):
            clients.get("route53", GLOBAL_REGION).change_tags_for_resource(
                ResourceType="hostedzone", ResourceId=zone.id, AddTags=_tags(scope)
            )
        log.info("untagged zone tagged", zone=zone.id, infra_id=scope.infra_id)


def _tag_buckets(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    for bucket in storage.untagged(clients, scope.region, owner_of(scope)):
        check()
        with aws_errors("AWS (put_bucket_tagging)"):
            clients.get("s3", scope.region).put_bucket_tagging(Bucket=bucket.id, Tagging={"TagSet": _tags(scope)})
        log.info("untagged bucket tagged", bucket=bucket.id, infra_id=scope.infra_id)


def _tags(scope: Scope) -> list[Any]:
    return [{"Key": f"{CLUSTER}{scope.infra_id}", "Value": OWNED}]
