"""How long a person waits for `ocpctl`: its version, a completion, a list of 100 clusters beside kubectl's."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import urllib3
from ocpctl_local.client import GUIDE_REQUEST

from tests.bench.edge import Edge, running_edge
from tests.integration.small_server import Answer, Lines, serving

CLUSTERS = 100
CALLS, WARM_UP = 20, 2
START_MS, LIST_MS = 150, 400  # the limits
OCPCTL, KUBECTL = (str(Path(sys.executable).with_name(name)) for name in ("ocpctl", "kubectl"))
COMPLETE = {"_OCPCTL_COMPLETE": "bash_complete", "COMP_WORDS": "ocpctl cre", "COMP_CWORD": "1"}
VERBS = ["get", "list"]
KIND = {"name": "nodes", "singularName": "node", "namespaced": False, "kind": "Node", "verbs": VERBS}
DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [KIND]},
}


def measure() -> dict[str, float]:
    """Whole processes, one of each side in turns, on the same machine in the same run."""
    with tempfile.TemporaryDirectory() as name, running_edge(Path(name)) as edge, serving(_kubernetes) as cluster:
        _create(edge)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "OCPCTL_URL": f"http://{edge.envoy}",
            "OCPCTL_TOKEN": edge.token,
        }
        calls = {
            "ocpctl --version": lambda: _run([OCPCTL, "--version"], env, "ocpctl"),
            "ocpctl completes a word": lambda: _run([OCPCTL], env | COMPLETE, "create"),
            f"ocpctl list of {CLUSTERS} clusters": lambda: _run([OCPCTL, "list"], env, f"bench-{CLUSTERS - 1:03d}"),
            f"kubectl get of {CLUSTERS} nodes": lambda: _run(
                [KUBECTL, "--server", cluster, "get", "nodes"], env, f"node-{CLUSTERS - 1:03d}"
            ),
        }
        return _figures(_turns(calls))


def _turns(calls: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """The median of each, in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(WARM_UP + CALLS):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number >= WARM_UP:
                times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def _figures(medians: Mapping[str, float]) -> dict[str, float]:
    version, complete, listed, kubectl = medians.values()
    return {
        **{f"{name}, p50 (ms)": value for name, value in medians.items()},
        f"  ratio of the version to {START_MS} ms": version / START_MS,
        f"  ratio of the completion to {START_MS} ms": complete / START_MS,
        f"  ratio of the list to {LIST_MS} ms": listed / LIST_MS,
        "  ratio of the list to kubectl's": listed / kubectl,
    }


def _run(words: list[str], env: Mapping[str, str], expected: str) -> None:
    done = subprocess.run(words, env=dict(env), capture_output=True, text=True, check=False)
    assert expected in done.stdout, f"{words}: {done.stdout[-500:]} {done.stderr[-500:]}"


def _create(edge: Edge) -> None:
    http = urllib3.PoolManager(retries=False)
    for number in range(CLUSTERS):
        headers = {"authorization": f"Bearer {edge.token}", "idempotency-key": str(uuid.uuid4())}
        body = GUIDE_REQUEST | {"name": f"bench-{number:03d}"}
        answer = http.request("POST", f"http://{edge.envoy}/api/v1/clusters", headers=headers, json=body)
        assert answer.status == 202, answer.data


def _kubernetes(_: str, path: str, __: Lines, ___: bytes) -> Answer:
    """What kubectl asks to show nodes: which kinds there are, and a table of one."""
    route = path.partition("?")[0]
    if found := DISCOVERY.get(route):
        return Answer(body=json.dumps(found).encode())
    names = [f"node-{number:03d}" for number in range(CLUSTERS)]
    kind = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    rows = [{"cells": [name, "Ready"], "object": {**kind, "metadata": {"name": name}}} for name in names]
    columns = [{"name": name, "type": "string", "format": "name", "priority": 0} for name in ("Name", "Status")]
    table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": columns, "rows": rows}
    return Answer(body=json.dumps(table).encode()) if route == "/api/v1/nodes" else Answer(status=404, body=b"{}")
