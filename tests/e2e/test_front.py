"""A trusted front: its word about the caller is believed over its own mTLS connection, and from nobody else."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3
from ocpctl_api_gateway.identity.check import FRONT
from ocpctl_local.moto import identity
from ocpctl_local.stack import Stack
from ocpctl_local.tls import certificates

from tests.e2e.conftest import FRONT_PEER

ADMIN = f"arn={identity.PRINCIPALS['admin'].arn};user-id=AIDAAAAAAAAAAAAAAAAA;account=123456789012"
ROLE = "arn=arn:aws:sts::123456789012:assumed-role/stranger/me;user-id=AROAAAAAAAAAAAAAAAAA:me;account=123456789012"


def told(answer: urllib3.BaseHTTPResponse) -> tuple[int, str]:
    """Status, and who it was or why not."""
    body = answer.json()
    return answer.status, body["details"][0]["reason"] if "details" in body else body["principalArn"]


def front(stack: Stack, folder: Path, name: str = FRONT_PEER) -> urllib3.PoolManager:
    """Connections with a certificate of this name from the stack's authority."""
    for file, content in certificates.issue(stack.folder / "tls", name).items():
        (folder / file).write_bytes(content)
    return urllib3.PoolManager(
        retries=False,
        cert_file=str(folder / "tls.crt"),
        key_file=str(folder / "tls.key"),
        ca_certs=str(stack.tls_dir("envoy") / "ca.crt"),
        assert_hostname="envoy",
    )


def me(stack: Stack) -> str:
    return f"https://127.0.0.1:{stack.state.ports['envoy_front']}/api/v1/me"


@pytest.fixture
def unbound_admin(stack: Stack) -> Mapping[str, str]:
    """What the front says of the admin, with the unique id that AWS gave."""
    user_id = identity.access_key_of(stack.folder / "keys", "admin")["user_id"]
    return {FRONT: ADMIN.replace("AIDAAAAAAAAAAAAAAAAA", user_id)}


def test_the_front_is_believed(stack: Stack, tmp_path: Path, unbound_admin: Mapping[str, str]) -> None:
    http = front(stack, tmp_path)
    assert told(http.request("GET", me(stack), headers=unbound_admin)) == (200, identity.PRINCIPALS["admin"].arn)
    assert told(http.request("GET", me(stack), headers={FRONT: ROLE})) == (403, "NOT_PERMITTED")
    assert told(http.request("GET", me(stack), headers={FRONT: "arn=x"})) == (401, "FRONT_NOT_TRUSTED")
    assert told(http.request("GET", me(stack))) == (401, "NOT_AUTHENTICATED")


def test_nobody_else_is(stack: Stack, tmp_path: Path, unbound_admin: Mapping[str, str]) -> None:
    """Where no certificate was asked for the header is as if it had not been sent."""
    url = f"{stack.url}/api/v1/me"
    assert told(urllib3.request("GET", url, headers=unbound_admin, retries=False)) == (401, "NOT_AUTHENTICATED")
    session = {"authorization": f"Bearer {stack.token('requester')}"}
    both = {**unbound_admin, **session}
    requester = identity.PRINCIPALS["requester"].arn
    assert told(urllib3.request("GET", url, headers=both, retries=False)) == (200, requester)
    with pytest.raises(urllib3.exceptions.HTTPError):
        front(stack, tmp_path, "janitor").request("GET", me(stack), headers=unbound_admin)


def test_without_a_certificate_there_is_no_connection(stack: Stack, unbound_admin: Mapping[str, str]) -> None:
    authorities = str(stack.tls_dir("envoy") / "ca.crt")
    http = urllib3.PoolManager(retries=False, ca_certs=authorities, assert_hostname="envoy")
    with pytest.raises(urllib3.exceptions.HTTPError):
        http.request("GET", me(stack), headers=unbound_admin)
