"""The AWS of one cluster as the installer and the cluster use it: clients, and the tags that tell whose it is."""

from collections.abc import Collection
from functools import cache
from typing import Any

from botocore import session
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, s3={"addressing_style": "path"})
GLOBAL_REGION = "us-east-1"  # where IAM and Route 53 are
Tags = list[dict[str, str]]
# What the user agent says of who calls. The installer's are those of its sources, in which the Cluster API provider has
# one of its own. The real ccoctl and the cluster's operators have only that of their library: here they get a name.
INSTALLER = "OpenShift/4.x Installer/v4.20"
DESTROYER = "OpenShift/4.x Destroyer/v4.20"
CCOCTL = "ccoctl/v4.20"
OPERATORS = "openshift-operators/v4.20"


class Cloud:
    """The AWS clients of one cluster's region, made when first used, since each costs time; so does boto3 itself."""

    def __init__(self, region: str, infra_id: str, leave: Collection[str] = (), *, agent: str = INSTALLER) -> None:
        self._session = session_in(region)
        self._clients: dict[str, Any] = {}
        self.region = region
        self.infra_id = infra_id
        self.leave = leave  # kinds of deletion.py that a destroy does not see
        self.agent = agent  # who calls from now on

    def __getattr__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._client(service, self.region)
        return self._clients[service]

    def tagging(self, region: str) -> Any:
        """The tagging API of a region."""
        if region == self.region:
            return self.resourcegroupstaggingapi
        return self._client("resourcegroupstaggingapi", region)

    def _client(self, service: str, region: str) -> Any:
        made = self._session.create_client(service, region_name=region, config=CONFIG)
        made.meta.events.register("before-send", self._name_caller)  # botocore writes its own words until then
        return made

    def _name_caller(self, request: Any, **_: Any) -> None:
        request.headers["User-Agent"] += f" {self.agent}".encode()

    @property
    def owned(self) -> tuple[str, str]:
        """The tag of the installer and of everything that runs in the cluster."""
        return f"kubernetes.io/cluster/{self.infra_id}", "owned"

    @property
    def provider(self) -> tuple[str, str]:
        """The tag of the Cluster API provider for AWS, which makes network and machines."""
        return f"sigs.k8s.io/cluster-api-provider-aws/cluster/{self.infra_id}", "owned"


def session_in(region: str) -> Any:
    """Credentials of this process's environment and files; a role is assumed in this region unless they name one."""
    made = _session()
    if not made.get_config_variable("region"):
        made.set_config_variable("region", region)
    return made


# One a process: it keeps what it has read of the services.
_session = cache(session.get_session)


def pages(client: Any, operation: str, result: str, **arguments: Any) -> list[Any]:
    """All items of a call, page by page."""
    found = client.get_paginator(operation).paginate(**arguments)
    return [item for page in found for item in page.get(result, [])]


def code_of(error: ClientError) -> str:
    """AWS's name of an error."""
    return str(error.response["Error"]["Code"])


def public_zone(cloud: Cloud, domain: str) -> str | None:
    """Id of the public zone of a domain or of the closest one above it, if there is one."""
    public = {
        zone["Name"].rstrip("."): str(zone["Id"].rpartition("/")[2])
        for zone in pages(cloud.route53, "list_hosted_zones", "HostedZones")
        if not zone["Config"]["PrivateZone"]
    }
    while domain:
        if domain in public:
            return public[domain]
        domain = domain.partition(".")[2]
    return None
