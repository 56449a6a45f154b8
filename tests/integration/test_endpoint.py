"""The AWS endpoint as many clusters use it at once: what one does to a shared thing undoes nothing of another."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ocpctl_local.moto import aws

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint

CLUSTERS, ROUNDS = 8, 25
NEIGHBOURS = 3000  # the more there are, the longer a change takes, and the sooner two meet
BATCH = 500  # a change may have 1,000 records, and an UPSERT counts twice


@pytest.fixture
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        yield made


def change(action: str, name: str) -> dict[str, Any]:
    record = {"Name": f"{name}.{aws.BASE_DOMAIN}", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    return {"Action": action, "ResourceRecordSet": record}


def test_records_that_are_made_and_deleted_at_once_neither_stay_nor_vanish(endpoint: Endpoint) -> None:
    """Route 53 applies a change as a whole; of two deletes at once moto forgot one."""
    route53 = endpoint.client("route53")
    [zone] = [item["Id"] for item in route53.list_hosted_zones()["HostedZones"]]

    def ask(*changes: dict[str, Any]) -> None:
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": list(changes)})

    for begin in range(0, NEIGHBOURS, BATCH):
        ask(*(change("UPSERT", f"neighbour-{number}") for number in range(begin, begin + BATCH)))

    def live(cluster: int) -> None:
        for number in range(ROUNDS):
            for action in ("UPSERT", "DELETE"):
                ask(change(action, f"cluster-{cluster}-{number}"))
        ask(change("UPSERT", f"cluster-{cluster}-stays"))

    with ThreadPoolExecutor(CLUSTERS) as together:
        list(together.map(live, range(CLUSTERS)))
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    names = {record["Name"].partition(".")[0] for page in pages for record in page["ResourceRecordSets"]}
    assert {name for name in names if name.startswith("cluster-")} == {f"cluster-{n}-stays" for n in range(CLUSTERS)}
    assert len([name for name in names if name.startswith("neighbour-")]) == NEIGHBOURS
