"""S3 buckets whose names begin with the infra id."""

from ocpctl_common.cloud.session import aws_errors

from ocpctl_installer_runner.absence.target import Clients, Target


def _buckets(clients: Clients, target: Target) -> list[str]:
    with aws_errors("AWS (list_buckets)"):
        found = clients.get("s3", target.region).list_buckets().get("Buckets", [])
    return [item["Name"] for item in found if item["Name"].startswith(target.prefix)]


FINDERS = {"s3:bucket": _buckets}
