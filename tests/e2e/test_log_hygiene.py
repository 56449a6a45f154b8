"""What the services of a stack have written: records that a machine reads, and nothing by which one gets in."""

import json
import re
import uuid
from urllib.parse import urlsplit

from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

OURS = ("api-gateway", "scheduler", "janitor", "installer-runner-1", "envoy", "supervisor", "migrations")
TOKEN = re.compile(r"eyJ[\w-]{8,}")
PRESIGNED = re.compile(r"X-Amz-(Signature|Credential|Security-Token)|AWSAccessKeyId=", re.IGNORECASE)


def test_no_way_in_is_logged(stack: Stack) -> None:
    admin = Client(stack, "admin")
    cluster_id = admin.create(GUIDE_REQUEST | {"name": f"hygiene-{uuid.uuid4().hex[:6]}"}).body["clusterId"]
    admin.wait(cluster_id, "READY")
    url = admin.call("GET", f"/clusters/{cluster_id}/outputs").body["kubeconfigDownloadUrl"]
    assert PRESIGNED.search(url), "the control: there was something to leak"
    Client(stack, token="not.a.token").call("GET", f"/clusters?access_token={stack.token('admin')}")
    Client(stack, token=stack.token("admin") + "x").call("GET", "/clusters")
    admin.destroy(cluster_id)
    admin.wait(cluster_id, "DESTROYED")
    password = urlsplit(stack.urls["database"]).password or "postgresql://"
    for name in OURS:
        text = (stack.folder / "logs" / f"{name}.log").read_text()
        assert TOKEN.search(text) is None, name
        assert PRESIGNED.search(text) is None, name
        assert password not in text, name


def test_every_record_says_when_who_and_what(stack: Stack) -> None:
    for name in ("api-gateway", "scheduler", "janitor", "installer-runner-1"):
        for line in (stack.folder / "logs" / f"{name}.log").read_text().splitlines():
            if not line.startswith("{"):
                continue  # a library's last words on stderr
            record = json.loads(line)
            assert {"ts", "service", "event", "level"} <= record.keys(), line
            assert record["service"] in name
