"""Each exit code, for what it is promised, with a sentence that says what to do."""

import pytest
from ocpctl_cli import api
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server

ID = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ"
READY = {"id": ID, "name": "t1", "status": "READY", "createTime": "2026-11-27T12:00:00Z"}


def error(reason: str, message: str = "no") -> dict[str, object]:
    kind = "type.googleapis.com/google.rpc."
    info = {"@type": f"{kind}ErrorInfo", "reason": reason, "domain": "ocpctl"}
    return {"code": 3, "message": message, "details": [info, {"@type": f"{kind}RequestInfo", "requestId": "req-9"}]}


def test_0_data_is_on_stdout_and_words_on_stderr(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"clusters": [READY]})
    said = ocpctl("list", "-o", "name")
    assert (said.code, said.out, said.err) == (Exit.OK, f"{ID}\n", "")


def test_1_a_defect_of_the_server_names_the_request(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", error("INTERNAL", "internal error"), 500)
    said = ocpctl("list")
    assert said.code == Exit.FAILED
    assert said.err == "ocpctl: internal error\n  request req-9\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lst"], "lst"),
        (["list", "--nope"], "--nope"),
        (["create", "a", "-p", "b", "--ttl", "8"], "8h"),
        (["create", "-p", "b"], "NAME is missing"),
        (["create", "a"], "--profile is missing"),
        (["create", "a", "-p", "b", "--tag", "x"], "KEY=VALUE"),
        (["create", "a", "-p", "b", "--set", "x"], "FIELD=VALUE"),
        (["create", "a", "-f", "/nowhere.yaml"], "/nowhere.yaml"),
        (["extend", "a"], "--by"),
        (["get", "a", "-o", "xml"], "xml"),
        (["get"], "CLUSTER"),
        (["list", "--context", "other"], "other"),
        (["destroy", ID], "--yes"),
    ],
)
def test_2_wrong_words_are_told_beside_what_is_right(server: Server, ocpctl: Call, words: list[str], told: str) -> None:
    server.on(f"GET /clusters/{ID}", READY)
    said = ocpctl(*words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert told in said.err
    assert said.err.startswith("ocpctl: ")
    assert len(said.err.splitlines()) > 1, "it says what to do"


def test_3_what_there_is_not(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"clusters": []}).on("GET /clusters", {"clusters": [{**READY, "status": "DESTROYED"}]})
    said = ocpctl("kubeconfig", "t1")
    assert said.code == Exit.NOT_FOUND
    assert "the last one of that name is DESTROYED" in said.err
    assert ocpctl("get", "clu_01M8EFPASCJ5TJS3Q50XJSFJAR").code == Exit.NOT_FOUND


def test_3_half_an_id_of_a_job_is_no_cluster(server: Server, ocpctl: Call) -> None:
    said = ocpctl("logs", "job_x")
    assert (said.code, server.asked) == (Exit.NOT_FOUND, [])
    assert "no id of a job" in said.err


def test_4_a_token_that_is_refused(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", error("NOT_AUTHENTICATED"), 401)
    said = ocpctl("list")
    assert said.code == Exit.SIGN_IN
    assert "OCPCTL_TOKEN" in said.err


def test_4_nobody_is_signed_in(server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCPCTL_TOKEN")
    said = ocpctl("list")
    assert said.code == Exit.SIGN_IN
    assert f"ocpctl login --url {server.url}" in said.err
    monkeypatch.delenv("OCPCTL_URL")
    assert "ocpctl login --url" in ocpctl("list").err
    assert server.asked == []


@pytest.mark.parametrize(("status", "reason"), [(409, "NAME_TAKEN"), (422, "POLICY_REFUSED"), (403, "NOT_PERMITTED")])
def test_5_a_conflict_or_policy(server: Server, ocpctl: Call, status: int, reason: str) -> None:
    server.on("POST /clusters", error(reason, "refused"), status)
    said = ocpctl("create", "t1", "-p", "p", "--set", "owner=a@b.c", "--team", "t", "--base-domain", "d")
    assert said.code == Exit.REFUSED
    assert "refused" in said.err


@pytest.mark.parametrize("status", ["FAILED", "DESTROYING", "DESTROYED"])
def test_6_it_never_will_be(server: Server, ocpctl: Call, status: str) -> None:
    server.on(f"GET /clusters/{ID}", {**READY, "status": "CREATING"})
    server.on(f"GET /clusters/{ID}", {**READY, "status": status, "statusReason": "quota", "resourcesRemaining": True})
    said = ocpctl("wait", ID)
    assert said.code == Exit.JOB_FAILED
    assert f"t1 is {status}, and will not be READY: quota" in said.err
    assert ("cost money" in said.err) == (status == "FAILED")


def test_7_not_in_time(server: Server, ocpctl: Call) -> None:
    server.on(f"GET /clusters/{ID}", {**READY, "status": "CREATING", "progressPercent": 45})
    said = ocpctl("wait", ID, "--timeout", "0s")
    assert said.code == Exit.TIMEOUT
    assert f"ocpctl wait {ID} --for READY" in said.err


@pytest.mark.parametrize("status", [None, 503, 429, 504])
def test_8_the_server_is_away(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    monkeypatch.setattr(api, "PATIENCE_SECONDS", 0.0)
    if status is None:
        monkeypatch.setenv("OCPCTL_URL", "http://127.0.0.1:1")
    else:
        server.on("GET /clusters", error("UNAVAILABLE", "try again"), status)
    said = ocpctl("list")
    assert said.code == Exit.AWAY
    assert said.err.startswith("ocpctl: ")


def test_130_ctrl_c(server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    server.on(f"GET /clusters/{ID}", {**READY, "status": "CREATING"})
    server.on("POST /clusters", {"clusterId": ID, "status": "PENDING"}, 202)
    monkeypatch.setattr("ocpctl_cli.watching.time.sleep", interrupted)
    said = ocpctl("create", "t1", "-p", "p", "--set", "owner=a@b.c", "--team", "t", "--base-domain", "d", "--watch")
    assert said.code == Exit.INTERRUPTED
    assert said.out == f"{ID}\n"
    assert f"Come back: ocpctl wait {ID}" in said.err
