"""Tags what an installer made and was killed before it could tag it: `destroy cluster` finds zones by their tags alone.

Route 53 takes no tags with the call that makes a zone, so there is a moment in which nothing but the maker's reference
tells whose it is.
"""

import structlog
from botocore.exceptions import ClientError
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.resources import zones
from ocpctl_common.cloud.resources.clients import GLOBAL_REGION
from ocpctl_common.cloud.resources.thing import CLUSTER, OWNED
from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import OcpctlError

from ocpctl_installer_runner.absence.target import target_of
from ocpctl_installer_runner.attempt import Attempt

log = structlog.get_logger()


def tag_zones(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """Gives the attempt's untagged zones its tag. What fails is told by the proof, which sees them too."""
    owner, client = target_of(dirty, attempt.domain).owner, attempt.tools.clients.get("route53", GLOBAL_REGION)
    tags = [{"Key": f"{CLUSTER}{owner.infra_id}", "Value": OWNED}]
    try:
        for zone in zones.untagged(attempt.tools.clients, owner, attempt.domain):
            attempt.lease.check()
            with aws_errors("AWS (change_tags_for_resource)"):
                client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.id, AddTags=tags)
            log.info("zone tagged that its installer was killed before tagging", zone=zone.id, infra_id=owner.infra_id)
    except (OcpctlError, ClientError) as error:
        log.warning("zones not looked at before a destroy", error=str(error))
