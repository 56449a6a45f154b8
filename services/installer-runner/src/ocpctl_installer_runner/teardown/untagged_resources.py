"""Tags resources whose maker was killed before it could tag them: `destroy cluster` finds them by tags alone.

Neither Route 53 nor S3 takes tags with the call that makes a zone or a bucket. So there is a moment in which only the
maker's reference, or the name, tells whose it is.
"""

from typing import Any

import structlog
from botocore.exceptions import ClientError
from ocpctl_common.cloud.resources import storage, zones
from ocpctl_common.cloud.resources.clients import GLOBAL_REGION
from ocpctl_common.cloud.resources.thing import CLUSTER, OWNED
from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import OcpctlError

from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.teardown.scope import Scope, scope_of

log = structlog.get_logger()


def tag(run: Run, target: CleanupTarget) -> None:
    """Gives the attempt's untagged zones and buckets its tag. Failures are only logged: verification sees them too."""
    scope = scope_of(target, run.context.domain)
    try:
        _tag_zones(run, scope)
        _tag_buckets(run, scope)
    except (OcpctlError, ClientError) as error:
        log.warning("untagged resources not tagged before a destroy", error=str(error))


def _tag_zones(run: Run, scope: Scope) -> None:
    clients = run.dependencies.clients
    for zone in zones.untagged(clients, scope.owner, scope.domain):
        run.lease.check()
        with aws_errors("AWS (change_tags_for_resource)"):
            clients.get("route53", GLOBAL_REGION).change_tags_for_resource(
                ResourceType="hostedzone", ResourceId=zone.id, AddTags=_tags(scope)
            )
        log.info("untagged zone tagged", zone=zone.id, infra_id=scope.infra_id)


def _tag_buckets(run: Run, scope: Scope) -> None:
    clients = run.dependencies.clients
    for bucket in storage.untagged(clients, scope.region, scope.owner):
        run.lease.check()
        with aws_errors("AWS (put_bucket_tagging)"):
            clients.get("s3", scope.region).put_bucket_tagging(Bucket=bucket.id, Tagging={"TagSet": _tags(scope)})
        log.info("untagged bucket tagged", bucket=bucket.id, infra_id=scope.infra_id)


def _tags(scope: Scope) -> list[Any]:
    return [{"Key": f"{CLUSTER}{scope.infra_id}", "Value": OWNED}]
