"""What the oracle looks at: the installer's journal, the AWS endpoint, processes, directories; our database last."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import yaml
from ocpctl_common.telemetry.redaction import encodings
from ocpctl_local.moto import inventory
from ocpctl_local.simulator.files import password_of
from ocpctl_local.stack import Stack
from psycopg.rows import dict_row

from tests.database_connection import open_connection

BUCKET = "ocpctl-artifacts-local"
INFRA_IDS = "SELECT infra_id FROM attempts WHERE infra_id IS NOT NULL"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A create that was answered with 2xx, as the client remembers it."""

    key: str
    cluster_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something that must never be."""

    check: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.what}"


@dataclass(kw_only=True)
class Evidence:
    """A stack that has come to rest, with what its clients were promised. What costs time is asked for once.

    `read` keeps what lies in S3, where nothing changes but by a new version, for the next evidence of the same stack.
    """

    stack: Stack
    journal: Path
    accepted: Sequence[Accepted] = field(default_factory=list)
    read: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def rows(self, statement: str, *parameters: Any) -> list[Row]:
        """A question to the database."""
        return self._connection.execute(statement, parameters).fetchall()

    @cached_property
    def _connection(self) -> psycopg.Connection[Row]:
        return open_connection(self, self.stack.urls["database"], dict_row)

    def records(self) -> list[Row]:
        """The journal, in the order of the events."""
        if not self.journal.exists():
            return []
        return sorted(map(json.loads, self.journal.read_text().splitlines()), key=lambda record: record["boottime_ns"])

    @cached_property
    def things(self) -> list[inventory.Thing]:
        """Everything of clusters that the endpoint holds."""
        return inventory.things(self.stack)

    def planted_secrets(self) -> set[str]:
        """Every secret of the stack in every form in which it could turn up in a text."""
        client = self.stack.client("secretsmanager")
        values = {name: client.get_secret_value(SecretId=name)["SecretString"] for name in self.secret_names()}
        parts = [part["auth"] for part in json.loads(values["ocpctl/pull-secret"])["auths"].values()]
        # Those of clusters that are gone, too, whose secrets are deleted.
        passwords = [password_of(row["infra_id"]) for row in self.rows(INFRA_IDS)]
        planted = (*values.values(), *parts, *passwords, *self._client_keys())
        return {form for secret in planted for form in encodings(secret)}

    def secret_names(self) -> list[str]:
        """Of every secret in Secrets Manager."""
        pages = self.stack.client("secretsmanager").get_paginator("list_secrets").paginate()
        return [item["Name"] for page in pages for item in page["SecretList"]]

    def _client_keys(self) -> Iterator[str]:
        for key, body in self._objects(lambda key: key.endswith("/outputs/kubeconfig")):
            for user in yaml.safe_load(body)["users"]:
                yield user["user"].get("client-key-data", key)

    def _objects(self, wanted: Any) -> Iterator[tuple[str, str]]:
        s3 = self.stack.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="clusters/"):
            for item in (item for item in page.get("Contents", []) if wanted(item["Key"])):
                key, version = item["Key"], (item["Key"], item["ETag"])
                if version not in self.read:
                    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
                    self.read[version] = body.decode(errors="replace")
                yield key, self.read[version]

    def sinks(self) -> Iterator[tuple[str, str]]:
        """Everything that is written and may be read by people: logs, the whole database, the logs in S3."""
        for log in (self.stack.folder / "logs").glob("*.log"):
            yield log.name, log.read_text(errors="replace")
        for table in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            rows = self.rows(f"SELECT t::text AS row FROM {table['tablename']} t")
            yield table["tablename"], "\n".join(row["row"] for row in rows)
        yield from self._objects(lambda key: key.endswith(".log"))


def owner_of(label: str) -> str:
    """The cluster's name from a DNS name below the base domain."""
    found = re.search(r"([a-z0-9-]+)\.labs\.example\.com", label)
    return found[1] if found else label
