"""Text that means something to SQL, JSON, terminals or logs is only text: refused plainly, or stored as it came."""

import json
import uuid
from typing import Any

import psycopg
import pytest
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e.wire import error_of

CREATE = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]["/api/v1/clusters"]["post"]["requestBody"]
PROPERTIES = CREATE["content"]["application/json"]["schema"]["properties"]
FIELDS = sorted(name for name, schema in PROPERTIES.items() if schema.get("type") == "string")
MARK = "injected-7f3a"
OURS = ("api-gateway", "scheduler", "envoy")
TEXTS = {
    "SQL": f"'; UPDATE clusters SET team = '{MARK}'; --",
    "SQL, closed": f"x') ON CONFLICT DO NOTHING; DROP TABLE audit_events; --{MARK}",
    "JSON": f'","event":"{MARK}","level":"critical","x":"',
    "CR LF": f'x\r\n{{"event":"{MARK}"}}\r\n',
    "NUL": f"x\0{MARK}",
    "line separators": f"x\u2028{MARK}\u2029\u0085{MARK}",
    "escapes": f"\x1b[2J\x1b]0;{MARK}\x07\u009b31m",
    "format": f"%s%n{{0}}${{jndi:ldap://{MARK}}}{{{{7*7}}}}",
    "direction": f"\u202e{MARK}\u2066",
    "half a character": f"\ud800{MARK}",
}


def create(client: Client, **change: Any) -> Answer:
    """As bytes: half a character has no other form that could be sent."""
    return client.create(json.dumps(GUIDE_REQUEST | {"name": f"i-{uuid.uuid4().hex[:8]}"} | change).encode())


def rows(stack: Stack, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.urls["database"]) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_of_a_create(stack: Stack, client: Client, text: str) -> None:
    before = rows(stack, "SELECT count(*) FROM clusters")
    for field in FIELDS:
        assert error_of(create(client, **{field: text}))[0] in (400, 403, 422), field
    for tags in ({text: "x"}, {"x": text}):
        assert error_of(create(client, tags=tags))[0] in (400, 422)
    assert rows(stack, "SELECT count(*) FROM clusters") == before
    assert rows(stack, f"SELECT 1 FROM clusters WHERE team = '{MARK}'") == []
    assert rows(stack, "SELECT count(*) > 0 FROM audit_events") == [(True,)]


@pytest.mark.parametrize("text", [TEXTS[name] for name in ("SQL", "JSON", "format")])
def test_filters_find_nothing_and_do_nothing(client: Client, text: str) -> None:
    for name in ("owner", "team", "profile", "platform", "name"):
        answer = client._http.request(
            "GET",
            f"{client._url}/api/v1/clusters",
            fields={name: text},
            headers={"authorization": f"Bearer {client._token}"},
        )
        assert (answer.status, answer.json()["clusters"]) == (200, [])


def test_an_idempotency_key_is_stored_as_it_came(stack: Stack, client: Client) -> None:
    key = f"';DROP/**/TABLE/**/jobs;--{uuid.uuid4()}%s$1"
    first = client.create(GUIDE_REQUEST | {"name": "i-key"}, key)
    assert (first.status, client.create(GUIDE_REQUEST | {"name": "i-key"}, key).body["jobId"]) == (
        202,
        first.body["jobId"],
    )
    with psycopg.connect(stack.urls["database"]) as connection:
        stored = connection.execute("SELECT count(*) FROM idempotency_keys WHERE key = %s", [key]).fetchall()
    assert stored == [(1,)]
    client.destroy(first.body["clusterId"])


def test_the_logs_have_one_record_a_line_and_nobody_wrote_one_for_us(stack: Stack, client: Client) -> None:
    for text in TEXTS.values():
        create(client, profile=text, name=text)
    for name in OURS:
        text = (stack.folder / "logs" / f"{name}.log").read_text()
        records = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
        assert records, name
        assert MARK not in "".join(line for line in text.split("\n") if not line.startswith("{")), name
        assert not [record for record in records if MARK in str(record.get("event"))], name
        assert not set(text) & set("\x1b\u2028\u2029\u0085\u009b\u202e\0\r"), name
