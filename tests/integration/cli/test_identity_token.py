"""The identity token of a GitHub job, as the action asks for it."""

import json
import os
import subprocess
import sys

import pytest
from ocpctl_local.settings import ROOT

from tests.integration.small_server import Answer, Lines, serving

PROGRAM = str(ROOT / "clients" / "github-action" / "identity_token.py")


def printed(**variables: str) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run([sys.executable, PROGRAM], env=env, capture_output=True, text=True, check=False)


def test_it_is_asked_for_aws_with_the_jobs_key() -> None:
    asked: list[tuple[str, str]] = []

    def answer(_: str, path: str, headers: Lines, __: bytes) -> Answer:
        asked.append((path, dict(headers).get("Authorization", "")))
        return Answer(body=json.dumps({"value": "the.token"}).encode())

    with serving(answer) as url:
        done = printed(ACTIONS_ID_TOKEN_REQUEST_URL=f"{url}/token?a=1", ACTIONS_ID_TOKEN_REQUEST_TOKEN="key")
    assert (done.returncode, done.stdout) == (0, "the.token")
    assert asked == [("/token?a=1&audience=sts.amazonaws.com", "bearer key")]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>"])
def test_an_answer_that_is_none_is_told(body: bytes) -> None:
    with serving(lambda *_: Answer(body=body)) as url:
        done = printed(ACTIONS_ID_TOKEN_REQUEST_URL=f"{url}/?a=1", ACTIONS_ID_TOKEN_REQUEST_TOKEN="key")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("GitHub gives no identity token")


def test_a_job_that_may_have_none_is_told_what_to_write() -> None:
    assert "id-token: write" in printed().stderr
