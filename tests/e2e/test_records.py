"""Audit, reports, orphans and logs, through Envoy."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from ocpctl_common.audit.__main__ import main
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape
from tests.faults.outsider import beside, environment
from tests.waiting import wait_for

JANITOR = (sys.executable, "-m", "ocpctl_janitor")
HTTP = urllib3.PoolManager(retries=False, timeout=60)


@contextmanager
def stream(stack: Stack, path: str, principal: str = "requester") -> Iterator[urllib3.BaseHTTPResponse]:
    """An open stream; leaving the block is a client that goes away."""
    headers = {"authorization": f"Bearer {stack.token(principal)}"}
    answer = HTTP.request("GET", f"{stack.url}/api/v1{path}", headers=headers, preload_content=False)
    try:
        yield answer
    finally:
        answer.close()


def messages(answer: urllib3.BaseHTTPResponse) -> Iterator[Any]:
    """The messages as they come, one a line."""
    rest = b""
    for piece in answer.stream(256):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (json.loads(line) for line in lines if line)
    assert rest == b""


def opens(stack: Stack, path: str) -> bool:
    with stream(stack, path) as answer:
        return answer.status == 200


def test_a_log_is_followed_while_it_grows(stack: Stack, client: Client) -> None:
    created = client.create(GUIDE_REQUEST | {"name": "e2e-log"}).body
    job, told, seen_running = f"/jobs/{created['jobId']}", [], False
    with stream(stack, f"{job}/log?follow=true") as answer:
        assert answer.status == 200
        for message in messages(answer):
            told.append(message)
            if "line" in message and not seen_running:
                seen_running = client.call("GET", job).body["status"] == "RUNNING"
    assert seen_running, "lines were there while the job ran"
    assert "heartbeat" in told[0] or "line" in told[0]
    lines, end = [message["line"] for message in told if "line" in message], told[-1]["end"]
    assert any("Install complete!" in line["text"] for line in lines)
    assert not any("level=debug" in line["text"] for line in lines)
    numbers = [int(line["sequence"]) for line in lines]
    assert numbers == sorted(set(numbers))
    assert (end["reason"], end["jobStatus"], int(end["lines"])) == ("COMPLETE", "SUCCEEDED", len(lines))
    assert int(end["lastSequence"]) == numbers[-1]
    for query, wanted in ((f"afterSequence={numbers[2]}", numbers[3:]), ("tail=2&follow=true", numbers[-2:])):
        with stream(stack, f"{job}/log?{query}") as answer:
            again = list(messages(answer))
        assert [int(message["line"]["sequence"]) for message in again[:-1]] == wanted
    check_shape(client.call("GET", f"{job}/log?tail=-1"), 400, "INVALID_REQUEST")
    client.destroy(created["clusterId"])
    destroy = client.wait(created["clusterId"], "DESTROYED")["currentJob"]["id"]
    with stream(stack, f"/jobs/{destroy}/log") as answer:
        assert any(
            "Uninstallation complete!" in message.get("line", {}).get("text", "") for message in messages(answer)
        )


def test_streams_are_counted_and_a_lost_client_is_noticed(stack: Stack, client: Client) -> None:
    created = client.create(GUIDE_REQUEST | {"name": "e2e-slow"}).body
    path = f"/jobs/{created['jobId']}/log?follow=true"
    with stream(stack, path) as first, stream(stack, path) as second, stream(stack, path) as third:
        told = [messages(one) for one in (first, second, third)]  # kept: one that is dropped closes its stream
        assert all(next(one) for one in told)
        refused = client.call("GET", path)
        check_shape(refused, 503, "UNAVAILABLE")
        assert "you have 3 streams open" in refused.body["message"]
        with stream(stack, f"/jobs/{created['jobId']}/log", "auditor") as other:
            assert list(messages(other))[-1]["end"]["reason"] == "COMPLETE"
    wait_for(lambda: opens(stack, path), 10)
    client.destroy(created["clusterId"])


def test_asking_for_what_others_own_is_audited(stack: Stack, client: Client) -> None:
    admin = Client(stack, "admin")
    created = admin.create(GUIDE_REQUEST | {"name": "e2e-theirs", "team": "team-b"}).body
    for path in (f"/clusters/{created['clusterId']}", f"/jobs/{created['jobId']}", f"/jobs/{created['jobId']}/log"):
        check_shape(client.call("GET", path), 404, "NOT_FOUND")
    query = f"/audit?clusterId={created['clusterId']}&outcome=DENIED"
    events = admin.call("GET", query).body["events"]
    assert [event["action"] for event in events] == ["StreamJobLog", "GetJob", "GetCluster"]
    assert {event["reason"] for event in events} == {"OTHER_TEAM"}
    admin.destroy(created["clusterId"])


def test_the_audit_is_read_in_pages_and_filtered(stack: Stack, client: Client) -> None:
    auditor = Client(stack, "auditor")
    answer = client.create(GUIDE_REQUEST | {"name": "e2e-audited"})
    client.destroy(answer.body["clusterId"])
    client.wait(answer.body["clusterId"], "DESTROYED")
    path, token, found = f"/audit?clusterId={answer.body['clusterId']}&pageSize=2", "", []
    while True:
        page = auditor.call("GET", f"{path}&pageToken={token}").body
        found += page["events"]
        if not (token := page["nextPageToken"]):
            break
    assert [event["toStatus"] for event in found if event["toStatus"]][::-1][0] == "PENDING"
    assert len({event["sequence"] for event in found}) == len(found) > 3
    assert all(after["previousHash"] == before["hash"] for after, before in pairwise(found))
    mine = auditor.call("GET", f"/audit?correlationId={answer.headers['x-request-id']}&action=CREATE_REQUESTED")
    assert [event["id"] for event in mine.body["events"]] == [found[-1]["id"]]
    at = quote(found[-1]["time"])
    assert auditor.call("GET", f"{path}&to={at}").body["events"] == []
    assert len(auditor.call("GET", f"{path}&from={at}").body["events"]) == 2
    assert "to" in check_shape(auditor.call("GET", "/audit?to=yesterday"), 400, "INVALID_REQUEST")


def test_an_export_verifies_by_itself(stack: Stack, tmp_path: Path) -> None:
    auditor = Client(stack, "auditor")
    with stream(stack, "/audit/export", "auditor") as answer:
        assert answer.status == 200
        exported = list(messages(answer))
    path = tmp_path / "audit.ndjson"
    path.write_text("".join(f"{json.dumps(message)}\n" for message in exported))
    assert main(["verify", "--file", str(path)]) == 0
    end = exported[-1]["end"]
    assert (end["reason"], int(end["events"]), end["wholeChains"]) == ("COMPLETE", len(exported) - 1, True)
    assert exported[-2]["event"]["action"] or exported[-2]["event"]["hash"]
    assert auditor.call("GET", "/audit?action=ExportAudit").body["events"][0]["outcome"] == "ALLOWED"
    with stream(stack, f"/audit/export?afterSequence={end['lastSequence']}", "auditor") as answer:
        assert list(messages(answer))[-1]["end"]["wholeChains"] is False


def usage_path(**query: str) -> str:
    now = datetime.now(tz=UTC)
    span = {"from": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    return "?" + "&".join(f"{name}={quote(value)}" for name, value in {**span, **query}.items())


def test_usage_is_reported_by_group_and_team(stack: Stack, client: Client) -> None:
    admin = Client(stack, "admin")
    ids = [
        admin.create(GUIDE_REQUEST | {"name": f"e2e-cost-{team}", "team": team, "owner": "+calc@example.com"}).body[
            "clusterId"
        ]
        for team in ("team-a", "team-b")
    ]

    def keys(caller: Client, group: str) -> dict[str, int]:
        rows = caller.call("GET", f"/reports/usage{usage_path(groupBy=group)}").body["rows"]
        return {row["key"]: row["clusters"] for row in rows}

    wait_for(lambda: keys(admin, "OWNER").get("+calc@example.com") == len(ids), 60)
    assert set(keys(admin, "TEAM")) >= {"team-a", "team-b"}
    assert set(keys(client, "TEAM")) == {"team-a"}
    assert keys(client, "OWNER")["+calc@example.com"] == 1
    report = admin.call("GET", f"/reports/usage{usage_path(groupBy='PROFILE')}").body
    assert report["groupBy"] == "PROFILE"
    assert int(report["total"]["costMicros"]) == sum(int(row["costMicros"]) for row in report["rows"]) > 0
    answer = admin.call("GET", f"/reports/usage.csv{usage_path(groupBy='owner')}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert "'+calc@example.com" in {row["owner"] for row in rows}
    for cluster_id in ids:
        admin.destroy(cluster_id)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?to=2026-01-01T00:00:00Z", "from"),
        ("?from=2026-01-01T00:00:00Z", "to"),
        ("?from=2026-01-01T00:00:00Z&to=2027-01-03T00:00:00Z", "to"),
        ("?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("?from=2026-01-01T00:00:00&to=2026-01-02T00:00:00Z", "from"),
        ("?from=soon&to=2026-01-02T00:00:00Z", "from"),
    ],
)
@pytest.mark.parametrize("route", ["/reports/usage", "/reports/usage.csv"])
def test_spans_that_are_none(client: Client, route: str, query: str, field: str) -> None:
    assert field in check_shape(client.call("GET", route + query), 400, "INVALID_REQUEST")


def test_an_orphan_is_found_and_told_and_not_deleted(stack: Stack) -> None:
    admin = Client(stack, "admin")
    ec2 = stack.client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"]
    tags = {"ocpctl:managed-by": "ocpctl", "kubernetes.io/cluster/ghost-abcde": "owned"}
    ec2.create_tags(Resources=[volume], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def ghosts(query: str = "") -> list[Any]:
        found = admin.call("GET", f"/admin/orphans{query}").body["orphans"]
        return [one for one in found if one["infraId"] == "ghost-abcde"]

    often = {"OCPCTL_ORPHAN_INTERVAL_SECONDS": "5", "OCPCTL_ORPHAN_GRACE_SECONDS": "5"}
    with beside(stack, "seeker", environment(stack, "janitor") | often, JANITOR):
        [ghost] = wait_for(ghosts, 90)
        assert ghost["resourceArn"].endswith(volume)
        assert (ghost["resourceType"], ghost["region"]) == ("ec2:volume", "us-east-1")
        assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
        ec2.delete_volume(VolumeId=volume)
        wait_for(lambda: not ghosts(), 90)
    assert ghosts("?includeResolved=true")[0]["resolvedTime"]
