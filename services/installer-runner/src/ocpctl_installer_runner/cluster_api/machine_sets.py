"""Reads the machine sets of a cluster's workers, and changes how many machines they want."""

import json
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from ocpctl_installer_runner.cluster_api.kubeconfig import ClusterAccess, tls
from ocpctl_installer_runner.errors import RunFailed

SCALE = "SCALE"  # the failure class of a scaling that has not reached its goal
PATH = "/apis/machine.openshift.io/v1beta1/namespaces/openshift-machine-api/machinesets"
ROLE = "machine.openshift.io/cluster-api-machine-role"
SECONDS = 10.0
MAX_BYTES = 8 * 2**20
OK, CONFLICT, TOO_MANY, OWN_FAULT = 200, 409, 429, 500
WORD = re.compile(r"[A-Za-z]{1,40}")


class ApiUnavailable(Exception):
    """The cluster's API does not answer now; it may later: it restarts while a cluster is upgraded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSet:
    """How many machines a set wants and how many of them are ready nodes."""

    name: str
    version: str
    replicas: int
    ready: int


class MachineSets:
    """Over HTTPS. Use as a context manager. Raises ApiUnavailable, and RunFailed for what will not get better."""

    def __init__(self, access: ClusterAccess, folder: Path) -> None:
        self._url = access.server + PATH
        self._headers = {"authorization": f"Bearer {access.token}"} if access.token else {}
        self._http = urllib3.PoolManager(ssl_context=tls(access, folder), retries=False, timeout=SECONDS)

    def __enter__(self) -> "MachineSets":
        return self

    def __exit__(self, *details: object) -> None:
        self._http.clear()

    def workers(self) -> list[MachineSet]:
        """The sets of the role worker, by name."""
        status, document = self._call("GET", self._url)
        if status != OK:
            raise _refused(status, document)
        try:
            found = [_machine_set(item) for item in document["items"] if _role(item) == "worker"]
        except (KeyError, TypeError, AttributeError) as error:
            raise ApiUnavailable("the answer is no list of machine sets") from error
        return sorted(found, key=lambda item: item.name)

    def set_replicas(self, machine_set: MachineSet, replicas: int) -> bool:
        """Whether the change was made; False when the set is not as it was read: then it must be read again."""
        body = {"metadata": {"resourceVersion": machine_set.version}, "spec": {"replicas": replicas}}
        status, document = self._call("PATCH", f"{self._url}/{machine_set.name}", body)
        if status not in (OK, CONFLICT):
            raise _refused(status, document)
        return status == OK

    def _call(self, verb: str, url: str, body: Any = None) -> tuple[int, Any]:
        headers = {**self._headers, "accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/merge-patch+json"
        try:
            content = None if body is None else json.dumps(body)
            answer = self._http.request(verb, url, body=content, headers=headers, preload_content=False, redirect=False)
            with answer:
                raw = answer.read(MAX_BYTES)
            return answer.status, json.loads(raw)
        except urllib3.exceptions.SSLError as error:
            raise _distrusted(error) from error
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise ApiUnavailable(type(error).__name__) from error


def _distrusted(error: urllib3.exceptions.SSLError) -> Exception:
    """Another cluster's certificate stays wrong; a handshake that broke off may work the next time."""
    if error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
        return RunFailed(SCALE, "The cluster's API shows a certificate that its kubeconfig does not trust.")
    return ApiUnavailable("SSLError")


def _refused(status: int, document: Any) -> Exception:
    if status == TOO_MANY or status >= OWN_FAULT:
        return ApiUnavailable(f"HTTP {status}")
    reason = str(document.get("reason", "")) if isinstance(document, dict) else ""
    word = f", {reason}" if WORD.fullmatch(reason) else ""
    return RunFailed(SCALE, f"The cluster's API refused to scale its workers (HTTP {status}{word}).")


def _role(item: Any) -> str:
    template = item["spec"].get("template", {}).get("metadata", {})
    return str(template.get("labels", {}).get(ROLE, ""))


def _machine_set(item: Any) -> MachineSet:
    """Kubernetes leaves out numbers that are 0, and means 1 by a set without replicas."""
    return MachineSet(
        name=item["metadata"]["name"],
        version=item["metadata"]["resourceVersion"],
        replicas=item["spec"].get("replicas", 1),
        ready=item.get("status", {}).get("readyReplicas", 0),
    )
