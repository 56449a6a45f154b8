"""The stand-in's HTTPS server: the little of Kubernetes that scaling needs, and a way in for the simulated installer.

Whose cluster a call means is said by its client certificate, as in a real cluster whose API has one address.

    GET, PATCH /apis/machine.openshift.io/v1beta1/namespaces/openshift-machine-api/machinesets[/<name>]
    POST /ocpctl/credentials/<infra id>, PUT and DELETE /ocpctl/clusters/<infra id>: with the installer's token
"""

import json
import re
import secrets
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ocpctl_local.kubernetes import certificates
from ocpctl_local.kubernetes.certificates import Files
from ocpctl_local.kubernetes.clusters import Cluster, Clusters, MachineSet, installed

GROUP = "machine.openshift.io/v1beta1"
NAMESPACE = "openshift-machine-api"
PATH = f"/apis/{GROUP}/namespaces/{NAMESPACE}/machinesets"
MERGE_PATCH = "application/merge-patch+json"
OURS = re.compile(r"/ocpctl/(credentials|clusters)/([a-z0-9-]+)")
LABEL = "machine.openshift.io/cluster-api-machine-role"


class Refused(Exception):
    """A Status that is not a success: code, reason and message."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


def start(port: int, files: Files) -> threading.Thread:
    """Answers on 127.0.0.1 as long as the thread lives. Raises OSError when the port is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server)
    context.load_verify_locations(files.authority)
    context.verify_mode = ssl.CERT_OPTIONAL  # the installer comes with a token
    handler = type("BoundHandler", (Handler,), {"files": files, "clusters": Clusters(files.clusters)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    # The handshake is the handler thread's: a client that stops in it must not hold up the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, name="kubernetes", daemon=True)
    thread.start()
    return thread


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    files: Files
    clusters: Clusters

    def do_GET(self) -> None:
        """Reads."""
        self._answer(self._read)

    def do_PATCH(self) -> None:
        """Changes the wanted replicas of a machine set."""
        self._answer(self._patch)

    def do_POST(self) -> None:
        """Credentials for a cluster to come."""
        self._answer(self._ours)

    def do_PUT(self) -> None:
        """A cluster is there."""
        self._answer(self._ours)

    def do_DELETE(self) -> None:
        """A cluster is gone."""
        self._answer(self._ours)

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - the library's name
        """Method, path and status: no secret is among them."""
        print(format % words, flush=True)

    def _answer(self, work: Callable[[Any], Any]) -> None:
        try:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            code, document = 200, work(json.loads(raw) if raw else None)
        except Refused as refused:
            code, document = refused.code, _status(refused)
        except ValueError as error:
            code, document = 400, _status(Refused(400, "BadRequest", str(error)))
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _read(self, body: Any) -> Any:
        name = self._name()
        if name is None:
            return self._mine(lambda cluster: _list(cluster.machine_sets))
        return self._mine(lambda cluster: _document(_find(cluster, name)))

    def _patch(self, body: Any) -> Any:
        name = self._name()
        if name is None:
            raise Refused(405, "MethodNotAllowed", "a list cannot be patched")
        if self.headers.get("content-type") != MERGE_PATCH:
            raise Refused(415, "UnsupportedMediaType", f"only {MERGE_PATCH} is understood here")
        return self._mine(lambda cluster: _document(_change(cluster, _find(cluster, name), body)))

    def _mine(self, work: Callable[[Cluster], Any]) -> Any:
        """The cluster that the client's certificate names."""
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        names = dict(pair for part in (peer or {}).get("subject", ()) for pair in part)  # type: ignore[misc]
        try:
            return self.clusters.change(str(names.get("organizationalUnitName", "")), work)
        except KeyError as error:
            raise Refused(401, "Unauthorized", "Unauthorized") from error

    def _name(self) -> str | None:
        """The machine set that the path names; None: all of them."""
        path = self.path.partition("?")[0]
        if path != PATH and not path.startswith(f"{PATH}/"):
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        return path.removeprefix(PATH).removeprefix("/") or None

    def _ours(self, body: Any) -> Any:
        """What the simulated installer asks."""
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(token.encode(), self.files.token.read_bytes()):
            raise Refused(401, "Unauthorized", "Unauthorized")
        found = OURS.fullmatch(self.path)
        if found is None:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        kind, infra_id = found.groups()
        if kind == "credentials":
            certificate, key = certificates.administrator(self.files, infra_id)
            return {"authority": self.files.authority.read_text(), "certificate": certificate, "key": key}
        if self.command == "DELETE":
            self.clusters.remove(infra_id)
        else:
            self.clusters.put(installed(infra_id, body["workers"], refuse=body["refuse"], stall=body["stall"]))
        return {}


def _find(cluster: Cluster, name: str) -> MachineSet:
    found = next((item for item in cluster.machine_sets if item.name == name), None)
    if found is None:
        raise Refused(404, "NotFound", f'machinesets.machine.openshift.io "{name}" not found')
    return found


def _change(cluster: Cluster, machine_set: MachineSet, body: Any) -> MachineSet:
    """The wanted replicas, if nobody has changed the set since it was read."""
    if cluster.refuse:
        raise Refused(403, "Forbidden", "an admission webhook denied the request")
    version = body.get("metadata", {}).get("resourceVersion")
    if version is not None and version != str(machine_set.version):
        raise Refused(409, "Conflict", "the object has been modified; please apply your changes to the latest version")
    replicas = body.get("spec", {}).get("replicas")
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        raise Refused(422, "Invalid", "spec.replicas: must be a number that is not negative")
    if replicas != machine_set.replicas:
        machine_set.replicas = replicas
        machine_set.version += 1
    return machine_set


def _list(machine_sets: list[MachineSet]) -> dict[str, Any]:
    return {
        "apiVersion": GROUP,
        "kind": "MachineSetList",
        "metadata": {"resourceVersion": str(sum(item.version for item in machine_sets))},
        "items": [_document(item) for item in machine_sets],
    }


def _document(item: MachineSet) -> dict[str, Any]:
    """As Kubernetes prints it: a number of ready ones that is 0 is left out."""
    return {
        "apiVersion": GROUP,
        "kind": "MachineSet",
        "metadata": {"name": item.name, "namespace": NAMESPACE, "resourceVersion": str(item.version)},
        "spec": {"replicas": item.replicas, "template": {"metadata": {"labels": {LABEL: item.role}}}},
        "status": {"replicas": item.replicas, **({"readyReplicas": item.ready} if item.ready else {})},
    }


def _status(refused: Refused) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Status",
        "status": "Failure",
        "message": refused.message,
        "reason": refused.reason,
        "code": refused.code,
    }
