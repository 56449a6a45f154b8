"""Swagger UI through Envoy, without signing in: all that it needs comes from here, and it can ask nobody else."""

import json
import re
from html.parser import HTMLParser

from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e.wire import error_of, get

TYPES = {
    "/docs": "text/html; charset=utf-8",
    "/docs/start.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/openapi.json": "application/json",
}
OURS = ("/docs", "/docs/start.js", "/openapi.json")  # the rest is Swagger UI's own, held by the policy


class Page(HTMLParser):
    """What a page loads, and what in it would need a laxer policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.loads += [value for name, value in attrs if name in ("src", "href") and value]
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style") and data.strip():
            self.inline.append(data)


def test_everything_is_there_with_its_type(stack: Stack) -> None:
    answers = {path: get(stack, path) for path in TYPES}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(TYPES, 200)
    assert {path: answer.headers["content-type"] for path, answer in answers.items()} == TYPES
    assert b"SwaggerUIBundle" in answers["/docs/swagger-ui-bundle.js"].body
    assert answers["/openapi.json"].body == json.loads((ROOT / "docs" / "openapi.json").read_text())


def test_the_root_leads_there(stack: Stack) -> None:
    answer = get(stack, "/")
    assert (answer.status, answer.headers["location"]) == (302, "http://ocpctl/docs")


def test_the_page_loads_only_what_is_here_and_has_no_script_of_its_own(stack: Stack) -> None:
    page = Page(get(stack, "/docs").body.decode())
    assert set(page.loads) - {"data:,"} == {"/docs/start.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"}
    assert page.inline == []


def test_no_other_origin_is_named(stack: Stack) -> None:
    for path in OURS:
        body = get(stack, path).body
        text = json.dumps(body) if isinstance(body, dict) else body.decode()
        assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text) == [], path
    addresses = re.findall(r"url\(['\"]?([^'\")]{0,20})", get(stack, "/docs/swagger-ui.css").body.decode())
    assert all(address.startswith("data:image/") for address in addresses)
    assert "validatorUrl: null" in get(stack, "/docs/start.js").body.decode()


def test_the_policy_lets_the_page_ask_nobody_else(stack: Stack) -> None:
    policy = dict(part.split(" ", 1) for part in get(stack, "/docs").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"  # the style sheet holds its pictures


def test_there_is_nothing_else(stack: Stack) -> None:
    for path in ("/docs/", "/docs/index.html", "/docs/oauth2-redirect.html", "/docs/nothing.js"):
        assert error_of(get(stack, path)) == (404, "NOT_FOUND")
    assert error_of(get(stack, "/docs", method="POST")) == (404, "NOT_FOUND")
