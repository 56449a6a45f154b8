"""One table says who connects to whom: the policies, the peers of gRPC and docs/architecture.md say the same."""

import copy

import pytest
from ocpctl_common.rpc import peers

from tests.house.kubernetes.rendering import Document, Documents, find, of, rendered
from tools.arrows import arrows

Arrow = tuple[str, str, int]
# What a port outside of our pods stands for.
OUTSIDE = {5432: "postgresql", 443: "aws", 6443: "clusters", 80: "pod-identity"}
NAMESPACES = {
    "monitoring": "prometheus",
    "openshift-user-workload-monitoring": "prometheus",
    "keda": "keda",
}
# The service that answers, by the package of the contract.
SERVERS = {
    "ocpctl.v1": peers.GATEWAY,
    "ocpctl.edge.v1": peers.GATEWAY,
    "grpc.reflection.v1alpha": peers.GATEWAY,
    "envoy.service.auth.v3": peers.GATEWAY,
    "ocpctl.internal.v1": peers.SCHEDULER,
    "externalscaler": peers.SCHEDULER,
}
EXTRA: dict[str, set[Arrow]] = {
    "openshift": set(),
    "eks": {(name, "pod-identity", 80) for name in (peers.GATEWAY, peers.SCHEDULER, peers.RUNNER, peers.JANITOR)},
}


def table() -> set[Arrow]:
    return {(row["from"], row["to"], row["port"]) for row in arrows() if row["from"] != "everyone"}


def policies(documents: Documents) -> list[tuple[list[str], Document]]:
    """The policies that allow something, each with the services that it is for."""
    found = [(_services(one["spec"]["podSelector"]), one["spec"]) for one in of(documents, "NetworkPolicy")]
    return [(services, spec) for services, spec in found if services]


def _services(selector: Document) -> list[str]:
    values = [row["values"] for row in selector.get("matchExpressions", [])]
    return values[0] if values else list(selector.get("matchLabels", {}).values())


def outgoing(documents: Documents) -> set[Arrow]:
    """The arrows that are let out."""
    return {
        (service, _peer(peer, port["port"]), port["port"])
        for services, spec in policies(documents)
        for rule in spec.get("egress", [])
        for peer in rule["to"]
        for port in rule["ports"]
        for service in services
    }


def incoming(documents: Documents) -> set[Arrow]:
    """The arrows that are let in."""
    return {
        (_peer(peer, port["port"]), service, port["port"])
        for services, spec in policies(documents)
        for rule in spec.get("ingress", [])
        for peer in rule.get("from", [{}])
        for port in rule["ports"]
        for service in services
    }


def _peer(peer: Document, port: int) -> str:
    if "podSelector" in peer:
        return _services(peer["podSelector"])[0]
    if namespace := peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name"):
        return NAMESPACES[namespace]
    return OUTSIDE[port] if "ipBlock" in peer else "clients"


@pytest.mark.parametrize("overlay", EXTRA)
def test_what_is_let_out_is_an_arrow(overlay: str) -> None:
    ours = {one["metadata"]["name"] for one in of(rendered(overlay), "ServiceAccount")}
    assert outgoing(rendered(overlay)) == {row for row in table() if row[0] in ours} | EXTRA[overlay]


@pytest.mark.parametrize("overlay", EXTRA)
def test_what_is_let_in_is_an_arrow(overlay: str) -> None:
    ours = {one["metadata"]["name"] for one in of(rendered(overlay), "ServiceAccount")}
    assert incoming(rendered(overlay)) == {row for row in table() if row[1] in ours}


@pytest.mark.parametrize("overlay", EXTRA)
def test_all_else_is_denied(overlay: str) -> None:
    deny = find(rendered(overlay), "NetworkPolicy", "default-deny")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert all("to" not in rule for rule in find(rendered(overlay), "NetworkPolicy", "dns")["spec"]["egress"])


def test_calls_of_grpc_are_the_rows_of_the_peers() -> None:
    calls = {
        (name, SERVERS[service.rpartition(".")[0]])
        for service, rpcs in peers.ALLOWED.items()
        if service != "grpc.health.v1.Health"
        for names in rpcs.values()
        for name in names
    }
    keda = {("keda", peers.SCHEDULER)}  # the caller of the external scaler
    assert {(row[0], row[1]) for row in table() if row[2] in (7010, 7020)} == calls | keda


def test_another_arrow_is_noticed() -> None:
    """The control."""
    documents = copy.deepcopy(rendered("eks"))
    find(documents, "NetworkPolicy", "envoy")["spec"]["egress"][0]["ports"][0]["port"] = 7020
    assert outgoing(documents) - EXTRA["eks"] - table() == {("envoy", "api-gateway", 7020)}
    find(documents, "NetworkPolicy", "scheduler")["spec"]["ingress"][0]["from"].pop()
    assert ("keda", "scheduler", 7020) in table() - incoming(documents)
