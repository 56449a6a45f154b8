"""Signing in, being somebody, and stopping to be: real signatures through Envoy."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from ocpctl_api_gateway.identity.session_issuer import COOKIE
from ocpctl_api_gateway.identity.signing import add_key
from ocpctl_client import extend
from ocpctl_client.proof import Login, credentials_of, prove
from ocpctl_common.clock import utc_now
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.moto import identity
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape
from tests.waiting import moment, wait_for

REQUESTER = identity.PRINCIPALS["requester"].arn
WITHIN_SECONDS = 15.0  # beside other tests; a gateway looks every two seconds


def eventually(call: Callable[[], Answer], status: int) -> Answer:
    """What was changed holds within seconds."""
    give_up = moment(WITHIN_SECONDS)
    while (answer := call()).status != status and time.monotonic() < give_up:
        time.sleep(0.1)
    assert answer.status == status, answer
    return answer


def fresh(stack: Stack, name: str = "requester") -> Client:
    """A client with a session of its own."""
    return Client(stack, token=stack.sign_in(name).token)


@pytest.fixture
def admin(stack: Stack) -> Client:
    return Client(stack, "admin")


def test_who_i_am(stack: Stack) -> None:
    me = fresh(stack).call("GET", "/me").body
    assert me["principalArn"] == REQUESTER
    assert me["grants"] == [{"role": "REQUESTER", "team": "team-a", "allTeams": False}]
    assert me["sessionId"].startswith("ses_")


def test_a_session_ends_within_seconds_when_its_owner_says_so(stack: Stack) -> None:
    client = fresh(stack)
    own = client.call("GET", "/me").body["sessionId"]
    assert own in {s["id"] for s in client.call("GET", "/auth/sessions?pageSize=100").body["sessions"]}
    assert client.call("DELETE", "/auth/sessions/current", key="bye").body == {"sessionId": own}
    check_shape(eventually(lambda: client.call("GET", "/me"), 401), 401, "SESSION_REVOKED")
    check_shape(client.call("DELETE", "/auth/sessions/current", key="bye"), 401, "SESSION_REVOKED")


def test_a_key_that_ended_one_session_ends_no_other_and_says_so(stack: Stack) -> None:
    """`current` is another session for each caller: to answer again would tell of an end that has not come."""
    one, other = fresh(stack), fresh(stack)
    assert one.call("DELETE", "/auth/sessions/current", key="same").status == 200
    check_shape(other.call("DELETE", "/auth/sessions/current", key="same"), 422, "IDEMPOTENCY_KEY_REUSED")
    assert other.call("DELETE", "/auth/sessions/current", key="another").status == 200


def test_a_session_is_extended_by_its_holder_and_stays_revocable(stack: Stack) -> None:
    signed_in = stack.sign_in("requester")
    longer = extend(stack.url, signed_in.token)
    assert (longer.session_id, longer.principal_arn) == (signed_in.session_id, REQUESTER)
    assert longer.token != signed_in.token
    assert longer.expires_at >= signed_in.expires_at
    first, second = Client(stack, token=signed_in.token), Client(stack, token=longer.token)
    assert second.call("GET", "/me").body["sessionId"] == signed_in.session_id
    other = stack.sign_in("requester").session_id
    check_shape(second.call("POST", f"/auth/sessions/{other}/extend", {}), 404, "NOT_FOUND")
    assert second.call("POST", f"/auth/sessions/{longer.session_id}/extend", {}).status == 200
    assert first.call("DELETE", "/auth/sessions/current", key="bye-twice").status == 200
    check_shape(eventually(lambda: second.call("GET", "/me"), 401), 401, "SESSION_REVOKED")
    check_shape(second.call("POST", "/auth/sessions/current/extend", {}), 401, "SESSION_REVOKED")


def test_an_admin_ends_anybodys_session_and_others_only_their_own(stack: Stack, admin: Client) -> None:
    client = fresh(stack)
    own = client.call("GET", "/me").body["sessionId"]
    check_shape(Client(stack, "auditor").call("DELETE", f"/auth/sessions/{own}", key="k"), 404, "NOT_FOUND")
    check_shape(client.call("GET", "/auth/sessions?allPrincipals=true"), 403, "NOT_PERMITTED")
    listed = admin.call("GET", "/auth/sessions?allPrincipals=true&pageSize=100").body["sessions"]
    assert {"id": own, "principalArn": REQUESTER} in [{k: s[k] for k in ("id", "principalArn")} for s in listed]
    assert admin.call("DELETE", f"/auth/sessions/{own}", key=f"end-{own}").status == 200
    eventually(lambda: client.call("GET", "/me"), 401)


def test_a_login_is_used_once_and_by_whoever_signed_it(stack: Stack) -> None:
    """What the client library sends is sent again, and changed."""
    proof = proof_of(stack)
    anonymous = Client(stack, token="")
    assert anonymous.call("POST", "/auth/sessions", proof).status == 200
    check_shape(anonymous.call("POST", "/auth/sessions", proof), 401, "NONCE_USED")
    other = anonymous.call("POST", "/auth/logins", {}).body["nonce"]
    check_shape(anonymous.call("POST", "/auth/sessions", proof | {"nonce": other}), 401, "LOGIN_REFUSED")
    check_shape(anonymous.call("POST", "/auth/sessions", proof | {"nonce": "A" * 64}), 401, "NONCE_UNKNOWN")
    missing = {name: value for name, value in proof.items() if name != "signature"}
    assert "signature" in check_shape(anonymous.call("POST", "/auth/sessions", missing), 400, "INVALID_REQUEST")
    double = b'{"nonce": "a", ' + json.dumps(proof).encode()[1:]
    check_shape(anonymous.call("POST", "/auth/sessions", double), 400, "MALFORMED_JSON")
    case = proof | {"Nonce": proof["nonce"]}
    assert "Nonce" in check_shape(anonymous.call("POST", "/auth/sessions", case), 400, "INVALID_REQUEST")


def proof_of(stack: Stack) -> dict[str, str]:
    """A proof that the client library has made for a nonce of this server, not sent yet."""
    begun = Client(stack, token="").call("POST", "/auth/logins", {}).body
    login = Login(nonce=begun["nonce"], audience=begun["audience"], regions=tuple(begun["regions"]))
    credentials = credentials_of(identity.session(stack.folder / "keys", "requester"))
    return prove(login, credentials, login.regions[0]).fields()


class Browser:
    """Sends its cookie by itself, as browsers do."""

    def __init__(self, stack: Stack, proof: dict[str, Any]) -> None:
        self._client = Client(stack, token="")
        answer = self._client.call("POST", "/auth/sessions", proof | {"cookie": True})
        assert (answer.status, answer.body["token"]) == (200, "")
        self.csrf = answer.body["csrfToken"]
        self.set_cookie = answer.headers["set-cookie"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        cookie = {"cookie": self.set_cookie.partition(";")[0]}
        return self._client.call(method, path, body, "k", headers=cookie | headers)


def test_a_browsers_session_needs_more_than_its_cookie_to_change_anything(stack: Stack) -> None:
    browser = Browser(stack, proof_of(stack))
    name, *attributes = browser.set_cookie.split("; ")
    assert name.startswith(f"{COOKIE}=ey")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(attributes)
    assert browser.call("GET", "/me").body["principalArn"] == REQUESTER
    body = GUIDE_REQUEST | {"name": "e2e-browser", "validateOnly": True}
    check_shape(browser.call("POST", "/clusters", body), 403, "CSRF_TOKEN_WRONG")
    elsewhere = {"origin": "https://evil.example", "x-csrf-token": "guess"}
    check_shape(browser.call("POST", "/clusters", body, **elsewhere), 403, "CSRF_TOKEN_WRONG")
    assert browser.call("POST", "/clusters", body, **{"x-csrf-token": browser.csrf}).status == 200
    gone = browser.call("DELETE", "/auth/sessions/current", **{"x-csrf-token": browser.csrf})
    assert f"{COOKIE}=; Max-Age=0" in gone.headers["set-cookie"]


def test_keys_are_rotated_and_nobody_is_signed_out(stack: Stack) -> None:
    before = fresh(stack)
    keys = identity.signing_keys(stack.folder / "keys")
    new = add_key(keys, utc_now(), lead=timedelta())
    anonymous = Client(stack, token="")
    wait_for(lambda: new in {key["kid"] for key in anonymous.call("GET", "/auth/keys").body["keys"]}, 10)
    after = fresh(stack)
    eventually_known(after)
    assert before.call("GET", "/me").status == 200


def eventually_known(client: Client) -> None:
    """Envoy looks for new keys every five seconds; a lead of two minutes hides that from people."""
    wait_for(lambda: client.call("GET", "/me").status == 200, 10)


@pytest.fixture
def mapping(stack: Stack, admin: Client) -> Iterator[dict[str, Any]]:
    """A second role for the requester, gone afterwards."""
    body = {"iamPrincipalArn": REQUESTER, "team": "team-b", "role": "REQUESTER"}
    answer = admin.call("POST", "/admin/rbac-mappings", body, key=f"map-{time.time()}")
    assert answer.status == 200, answer
    yield answer.body
    admin.call("DELETE", f"/admin/rbac-mappings/{answer.body['id']}", key=f"del-{answer.body['id']}")


def test_a_role_is_given_switched_off_and_taken_away_within_seconds(
    stack: Stack, admin: Client, mapping: dict[str, Any]
) -> None:
    client, body = fresh(stack), GUIDE_REQUEST | {"team": "team-b", "validateOnly": True}
    eventually(lambda: client.create(body), 200)
    path = f"/admin/rbac-mappings/{mapping['id']}"
    off = admin.call("POST", f"{path}/update", {"enabled": False}, key=f"off-{mapping['id']}").body
    assert (off["enabled"], off["team"]) == (False, "team-b")
    check_shape(eventually(lambda: client.create(body), 403), 403, "NOT_PERMITTED")
    again = admin.call("POST", f"{path}/update", {"enabled": True, "expiresInHours": 1}, key=f"on-{mapping['id']}")
    assert again.body["expireTime"]
    eventually(lambda: client.create(body), 200)
    assert admin.call("DELETE", path, key=f"away-{mapping['id']}").status == 200
    eventually(lambda: client.create(body), 403)
    check_shape(admin.call("DELETE", path, key="another"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("DELETE", "", None),
        ("POST", "/update", {"enabled": False}),
        ("POST", "/update", {"expiresInHours": 48}),
    ],
)
def test_the_last_platform_admin_cannot_take_itself_away(
    admin: Client, method: str, action: str, body: dict[str, Any] | None
) -> None:
    mappings = admin.call("GET", "/admin/rbac-mappings").body["mappings"]
    (last,) = [mapping for mapping in mappings if mapping["role"] == "PLATFORM_ADMIN"]
    path = f"/admin/rbac-mappings/{last['id']}{action}"
    answer = admin.call(method, path, body, key=f"last-{method}-{len(str(body))}")
    check_shape(answer, 409, "LAST_ADMIN")
    assert "enrol another platform admin" in answer.body["message"]
    assert last in admin.call("GET", "/admin/rbac-mappings").body["mappings"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"iamPrincipalArn": "me"}, "iamPrincipalArn"),
        ({"team": "no spaces allowed"}, "team"),
        ({"role": "UNSPECIFIED"}, "role"),
        ({"allTeams": True}, "allTeams"),
        ({"expiresInHours": -1}, "expiresInHours"),
    ],
)
def test_a_mapping_that_makes_no_sense(admin: Client, body: dict[str, Any], field: str) -> None:
    body = {"iamPrincipalArn": REQUESTER, "team": "t", "role": "REQUESTER"} | body
    answer = admin.call("POST", "/admin/rbac-mappings", body, key="k")
    assert field in check_shape(answer, 400, "INVALID_REQUEST")


def test_the_auditor_reads_mappings_and_gives_none(stack: Stack, mapping: dict[str, Any]) -> None:
    auditor = Client(stack, "auditor")
    assert mapping["id"] in {m["id"] for m in auditor.call("GET", "/admin/rbac-mappings").body["mappings"]}
    check_shape(auditor.call("DELETE", f"/admin/rbac-mappings/{mapping['id']}", key="k"), 403, "NOT_PERMITTED")
