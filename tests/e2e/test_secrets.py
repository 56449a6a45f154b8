"""The installer prints every secret in many encodings; none of them reaches the database, a log or an S3 log."""

import json
from collections.abc import Iterator

import psycopg
import yaml
from ocpctl_common.telemetry.redaction import MASK, encodings
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack


def planted(stack: Stack, cluster_id: str) -> list[str]:
    """The real secrets, read from where they may lie."""
    aws = stack.session()
    secrets = aws.client("secretsmanager", endpoint_url=stack.urls["aws"])
    s3 = aws.client("s3", endpoint_url=stack.urls["aws"])
    pull_secret = secrets.get_secret_value(SecretId="ocpctl/pull-secret")["SecretString"]
    password = secrets.get_secret_value(SecretId=f"ocpctl/clusters/{cluster_id}/kubeadmin")["SecretString"]
    key = f"clusters/{cluster_id}/outputs/kubeconfig"
    kubeconfig = s3.get_object(Bucket="ocpctl-artifacts-local", Key=key)["Body"].read().decode()
    user = yaml.safe_load(kubeconfig)["users"][0]["user"]
    auths = [part["auth"] for part in json.loads(pull_secret)["auths"].values()]
    return [pull_secret, *auths, password, user["client-key-data"]]


def sinks(stack: Stack, cluster_id: str) -> Iterator[tuple[str, str]]:
    """Everything that is written and may be read by people."""
    for log in (stack.folder / "logs").glob("*.log"):
        yield log.name, log.read_text(errors="replace")
    with psycopg.connect(stack.urls["database"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            yield table, "\n".join(row[0] for row in rows)
    s3 = stack.session().client("s3", endpoint_url=stack.urls["aws"])
    prefix = f"clusters/{cluster_id}/attempts/"
    for item in s3.list_objects_v2(Bucket="ocpctl-artifacts-local", Prefix=prefix)["Contents"]:
        if item["Key"].endswith(".log"):
            body = s3.get_object(Bucket="ocpctl-artifacts-local", Key=item["Key"])["Body"].read()
            yield item["Key"], body.decode(errors="replace")


def test_no_secret_in_any_sink(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-secrets"}).body["clusterId"]
    client.wait(cluster_id, "READY")
    forms = {form for secret in planted(stack, cluster_id) for form in encodings(secret)}
    found = dict(sinks(stack, cluster_id))
    hits = [(name, form[:8]) for name, text in found.items() for form in forms if form in text]
    assert hits == []
    install_log = next(text for name, text in found.items() if name.endswith("install.log"))
    assert install_log.count(MASK) > 40, "the control: the secrets were printed, and masked"
    assert "api-gateway.log" in found
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")


def test_the_work_directories_are_gone(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-workdir"}).body["clusterId"]
    client.wait(cluster_id, "READY")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    with psycopg.connect(stack.urls["database"]) as connection:
        rows = connection.execute("SELECT id FROM attempts WHERE cluster_id = %s", [cluster_id]).fetchall()
    left = {path.name for path in (stack.folder / "work").glob("*/*")}
    assert not left & {row[0] for row in rows}
