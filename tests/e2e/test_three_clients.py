"""Three clients that share no code of ours drive a create from knowing who they are to READY."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import boto3
import grpc
import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from ocpctl.v1.auth_service_pb2 import BeginLoginRequest, CreateSessionRequest
from ocpctl.v1.auth_service_pb2_grpc import AuthServiceStub
from ocpctl_client.proof import Login, credentials_of, prove
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.moto import identity
from ocpctl_local.stack import Stack

from tests.waiting import moment

SECONDS = 60
READY = "READY"


def until_ready(status: Callable[[], str]) -> None:
    give_up = moment(SECONDS)
    while (now := status()) != READY:
        assert now in ("PENDING", "CREATING")
        assert time.monotonic() < give_up, f"it is still {now}"
        time.sleep(0.3)


@pytest.fixture
def away(client: Client) -> Iterator[list[str]]:
    """Clusters to destroy afterwards."""
    made: list[str] = []
    yield made
    for cluster_id in made:
        client.destroy(cluster_id)


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_curl(stack: Stack, away: list[str]) -> None:
    keys = credentials_of(identity.session(stack.folder / "keys", "requester"))
    user = f"user = {keys.access_key}:{keys.secret_key}"  # in a file of options, for a command line is for everybody

    def curl(*words: str) -> Any:
        command = ["curl", "-sS", "--fail-with-body", "-K", "-", "--aws-sigv4", "aws:amz:us-east-1:ocpctl", *words]
        return json.loads(subprocess.run(command, input=user, text=True, capture_output=True, check=True).stdout)

    body = json.dumps(GUIDE_REQUEST | {"name": "e2e-curl"})
    headers = ("-H", "content-type: application/json", "-H", "idempotency-key: curl-1")
    cluster_id = curl(*headers, "-d", body, f"{stack.url}/api/v1/clusters")["clusterId"]
    away.append(cluster_id)
    until_ready(lambda: str(curl(f"{stack.url}/api/v1/clusters/{cluster_id}")["status"]))


def test_botocore(stack: Stack, away: list[str]) -> None:
    http = urllib3.PoolManager(retries=False)
    signer = SigV4Auth(credentials_of(identity.session(stack.folder / "keys", "requester")), "ocpctl", "us-east-1")

    def send(method: str, path: str, body: str = "", **headers: str) -> Any:
        request = AWSRequest(method, f"{stack.url}/api/v1{path}", headers, body)
        signer.add_auth(request)
        answer = http.request(method, str(request.url), headers=dict(request.headers.items()), body=body or None)
        assert answer.status < 300, answer.data
        return answer.json()

    body = json.dumps(GUIDE_REQUEST | {"name": "e2e-botocore"})
    headers = {"content-type": "application/json", "idempotency-key": "botocore-1"}
    cluster_id = send("POST", "/clusters", body, **headers)["clusterId"]
    away.append(cluster_id)
    until_ready(lambda: str(send("GET", f"/clusters/{cluster_id}")["status"]))


def signed_in(channel: grpc.Channel, keys: boto3.Session) -> str:
    """A token over gRPC, with nothing but the two calls that need no session."""
    stub = AuthServiceStub(channel)
    begun = stub.BeginLogin(BeginLoginRequest(), timeout=10)
    login = Login(nonce=begun.nonce, audience=begun.audience, regions=tuple(begun.regions))
    proof = prove(login, credentials_of(keys), login.regions[0])
    names = ("access_key_id", "region", "amz_date", "session_token", "nonce", "signature")
    answer = stub.CreateSession(CreateSessionRequest(**{name: getattr(proof, name) for name in names}), timeout=10)
    return str(answer.token)


class WithMetadata(grpc.StreamStreamClientInterceptor):
    """Adds metadata to the dialogues of a library that takes none."""

    def __init__(self, metadata: Sequence[tuple[str, str]]) -> None:
        self._metadata = metadata

    def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        return continuation(details._replace(metadata=self._metadata), requests)


class Reflected:
    """Knows the address and has a session: the contract comes by reflection."""

    def __init__(self, channel: grpc.Channel, token: str) -> None:
        self._metadata = (("authorization", f"Bearer {token}"), ("idempotency-key", "reflected-1"))
        self._channel = channel
        asking = grpc.intercept_channel(channel, WithMetadata(self._metadata[:1]))
        self._pool = DescriptorPool(ProtoReflectionDescriptorDatabase(asking))

    def call(self, service: str, rpc: str, **fields: Any) -> Any:
        method = self._pool.FindServiceByName(f"ocpctl.v1.{service}").FindMethodByName(rpc)
        kind = GetMessageClass(method.input_type)
        stub: Callable[..., Message] = self._channel.unary_unary(
            f"/ocpctl.v1.{service}/{rpc}",
            request_serializer=kind.SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        return stub(kind(**fields), timeout=10, metadata=self._metadata)

    def word(self, enum: str, number: int) -> str:
        return str(self._pool.FindEnumTypeByName(enum).values_by_number[number].name)


def test_grpc_with_reflection(stack: Stack, away: list[str]) -> None:
    with grpc.insecure_channel(stack.url.removeprefix("http://")) as channel:
        api = Reflected(channel, signed_in(channel, identity.session(stack.folder / "keys", "requester")))
        body = {"name": "e2e-reflected", "profile": "aws-minimal-test", "base_domain": "labs.example.com"}
        who = {"owner": "user@example.com", "team": "team-a", "cost_center": "sandbox"}
        cluster_id = api.call("ClusterService", "CreateCluster", **body, **who).cluster_id
        away.append(cluster_id)

        def status() -> str:
            number = api.call("ClusterService", "GetCluster", cluster_id=cluster_id).status
            return api.word("ocpctl.v1.ClusterStatus.Value", number)

        until_ready(status)
