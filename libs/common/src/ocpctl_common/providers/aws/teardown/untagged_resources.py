"""Tags what was made and whose maker was killed before it could tag it: `destroy cluster` finds these by tags alone.

Neither Route 53 nor S3 takes tags with the call that makes a zone or a bucket, so there is a moment in which only the
maker's reference, or the name, tells whose it is.
"""

from collections.abc import Callable

import structlog

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.providers.aws.resources import storage, zones
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients
from ocpctl_common.providers.aws.resources.thing import CLUSTER, OWNED, owner_of
from ocpctl_common.providers.cloud import Target

log = structlog.get_logger()


def tag_untagged(clients: Clients, target: Target, check: Callable[[], None]) -> None:
    """Gives the attempt's untagged zones and buckets its tag. What fails is told by the proof, which sees them too."""
    owner = owner_of(target)
    tags = [{"Key": f"{CLUSTER}{target.infra_id}", "Value": OWNED}]
    try:
        for zone in zones.untagged(clients, owner, target.domain):
            check()
            with aws_errors("AWS (change_tags_for_resource)"):
                clients.get("route53", GLOBAL_REGION).change_tags_for_resource(
                    ResourceType="hostedzone", ResourceId=zone.id, AddTags=tags
                )
            log.info("tagged: its maker was killed before it did", zone=zone.id, infra_id=target.infra_id)
        for bucket in storage.untagged(clients, target.region, owner):
            check()
            with aws_errors("AWS (put_bucket_tagging)"):
                clients.get("s3", target.region).put_bucket_tagging(Bucket=bucket.id, Tagging={"TagSet": tags})
            log.info("tagged: its maker was killed before it did", bucket=bucket.id, infra_id=target.infra_id)
    except (CloudRefused, CloudUnavailable) as error:
        log.warning("untagged things not looked at before a destroy", error=str(error))
