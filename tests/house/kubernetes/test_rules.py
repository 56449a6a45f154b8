"""Every overlay keeps every rule, and every rule notices what breaks it."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_common.telemetry import metrics
from ocpctl_local.settings import ROOT

from tests.house.kubernetes.rendering import (
    FOLDER,
    OVERLAYS,
    Document,
    Documents,
    find,
    of,
    parsed,
    pods,
    rendered,
    template,
)
from tests.house.kubernetes.rules import RULES

Break = Callable[[Documents], object]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_keeps_the_rule(overlay: str, rule: str) -> None:
    assert list(RULES[rule](rendered(overlay))) == []


def _spec(documents: Documents, name: str, kind: str = "Deployment") -> Document:
    spec: Document = template(find(documents, kind, name))["spec"]
    return spec


def _container(documents: Documents, name: str, kind: str = "Deployment") -> Document:
    container: Document = _spec(documents, name, kind)["containers"][0]
    return container


def _variable(documents: Documents, name: str, variable: str) -> Document:
    return next(one for one in _container(documents, name)["env"] if one["name"] == variable)


def _of(documents: Documents, kind: str, name: str) -> Document:
    spec: Document = find(documents, kind, name)["spec"]
    return spec


RUNNER = "installer-runner-creates"
# What is broken, by whom it is noticed.
BREAKS: dict[str, tuple[str, Break]] = {
    "an unknown field": ("fits", lambda d: _spec(d, "envoy").update(restartPolice="Always")),
    "a word for a number": ("fits", lambda d: _of(d, "Deployment", "envoy").update(replicas="two")),
    "an unknown field of a foreign kind": ("fits", lambda d: _of(d, "ScaledJob", RUNNER).update(pollInterval=10)),
    "an unknown field in a Job of KEDA": ("fits", lambda d: _spec(d, RUNNER, "ScaledJob").update(restartPolice="x")),
    "a kind that nobody knows": ("fits", lambda d: find(d, "Job", "migrations-0-1-0").update(kind="Jobb")),
    "a root user": ("hardened", lambda d: _spec(d, "envoy")["securityContext"].update(runAsNonRoot=False)),
    "a fixed uid": ("hardened", lambda d: _spec(d, "envoy")["securityContext"].update(runAsUser=1001)),
    "no seccomp": ("hardened", lambda d: _spec(d, "envoy")["securityContext"].pop("seccompProfile")),
    "more rights": ("hardened", lambda d: _container(d, "envoy")["securityContext"].pop("allowPrivilegeEscalation")),
    "a capability": ("hardened", lambda d: _container(d, "envoy")["securityContext"].update(capabilities={"drop": []})),
    "a root that can be written": (
        "hardened",
        lambda d: _container(d, RUNNER, "ScaledJob")["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    "a token of the API": ("hardened", lambda d: _spec(d, "janitor").pop("automountServiceAccountToken")),
    "no limit of memory": ("sized", lambda d: _container(d, "janitor")["resources"]["limits"].pop("memory")),
    "a volume without end": ("sized", lambda d: _spec(d, "janitor")["volumes"].append({"name": "x", "emptyDir": {}})),
    "the newest image": ("pinned", lambda d: _container(d, "envoy").update(image="ocpctl/envoy:latest")),
    "an image of another release": ("pinned", lambda d: _container(d, "envoy").update(image="ocpctl/envoy:0.0.9")),
    "a Job of another release": (
        "pinned",
        lambda d: find(d, "Job", "migrations-0-1-0")["metadata"].update(name="migrations"),
    ),
    "a secret": ("without_secrets", lambda d: find(d, "ConfigMap", _platform(d))["data"].update(A="AKIA" + "A" * 16)),
    "a URL with a password": (
        "without_secrets",
        lambda d: _container(d, "envoy")["env"].append({"name": "X", "value": "postgresql://a:b@c/d"}),
    ),
    "a URL of the database in the open": (
        "without_secrets",
        lambda d: _variable(d, "janitor", "OCPCTL_DATABASE_URL").pop("valueFrom"),
    ),
    "a gRPC probe": ("probed", lambda d: _container(d, "scheduler").update(readinessProbe={"grpc": {"port": 7020}})),
    "no probe": ("probed", lambda d: _container(d, "scheduler").pop("livenessProbe")),
    "a short end": (
        "runners_may_finish",
        lambda d: _spec(d, RUNNER, "ScaledJob").update(terminationGracePeriodSeconds=3600),
    ),
    "a rollout that kills": ("runners_may_finish", lambda d: _of(d, "ScaledJob", RUNNER).pop("rollout")),
    "a heap too big": (
        "envoy_sheds_load",
        lambda d: _variable(d, "envoy", "OCPCTL_HEAP_BYTES").update(value=str(1024**3)),
    ),
    "no time to drain": ("envoy_sheds_load", lambda d: _spec(d, "envoy").update(terminationGracePeriodSeconds=30)),
    "a Service of nobody": (
        "services_have_pods",
        lambda d: _of(d, "Service", "scheduler").update(selector={"app.kubernetes.io/name": "schedulers"}),
    ),
    "a port of nobody": (
        "services_have_pods",
        lambda d: _of(d, "Service", "scheduler")["ports"][0].update(targetPort="x"),
    ),
    "a spread of others": (
        "deployments_select_their_pods",
        lambda d: _spec(d, "envoy")["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].update(x="y"),
    ),
    "a budget of nobody": (
        "budgets_match",
        lambda d: _of(d, "PodDisruptionBudget", "envoy")["selector"]["matchLabels"].update(x="y"),
    ),
    "a budget that stops drains": (
        "budgets_match",
        lambda d: _of(d, "PodDisruptionBudget", "envoy").update(maxUnavailable=0),
    ),
    "two counts": ("scalers_have_targets", lambda d: _of(d, "Deployment", "api-gateway").update(replicas=2)),
    "metrics of nobody": (
        "monitors_have_services",
        lambda d: _of(d, "ServiceMonitor", "ocpctl")["selector"]["matchLabels"].update(x="y"),
    ),
    "metrics under another job": (
        "monitors_have_services",
        lambda d: _of(d, "ServiceMonitor", "ocpctl")["endpoints"][0].pop("relabelings"),
    ),
    "a pod without metrics": (
        "monitors_have_services",
        lambda d: template(find(d, "Deployment", "janitor"))["metadata"]["labels"].pop("metrics"),
    ),
    "a missing secret": (
        "references_exist",
        lambda d: _spec(d, "envoy")["volumes"][0]["secret"].update(secretName="x"),
    ),
    "a missing key": (
        "references_exist",
        lambda d: _variable(d, "api-gateway", "OCPCTL_BUCKET")["valueFrom"]["configMapKeyRef"].update(key="BUCKET"),
    ),
    "a missing account": ("references_exist", lambda d: _spec(d, "envoy").update(serviceAccountName="x")),
}


def _platform(documents: Documents) -> str:
    """The name of the ConfigMap, which ends with a hash."""
    names: list[str] = [one["metadata"]["name"] for one in of(documents, "ConfigMap")]
    return next(name for name in names if name.startswith("platform-"))


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_is_noticed(broken: str) -> None:
    rule, change = BREAKS[broken]
    documents = rendered("eks")
    change(documents)
    changed = [one for one, before in zip(documents, rendered("eks"), strict=True) if one != before]
    assert list(RULES[rule](changed if rule == "fits" else documents))


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _ in BREAKS.values()} == RULES.keys()


def test_all_profiles_are_in_the_configmap() -> None:
    listed = yaml.safe_load((ROOT / "profiles" / "Kustomization").read_text())["configMapGenerator"][0]["files"]
    assert listed == sorted(path.name for path in (ROOT / "profiles").glob("*.yaml"))


def _kustomization(overlay: str) -> Document:
    document: Document = yaml.safe_load((FOLDER / "overlays" / overlay / "kustomization.yaml").read_text())
    return document


def _changed(overlay: str, kustomization: Document, folder: Path) -> Documents:
    """A copy of the overlay, as somebody else would have it."""
    shutil.copytree(FOLDER / "overlays" / overlay, folder)
    moved = yaml.safe_dump(kustomization).replace("../../", os.path.relpath(FOLDER, folder) + "/")
    (folder / "kustomization.yaml").write_text(moved)
    return parsed(folder)


def test_openshift_can_have_keda_too(tmp_path: Path) -> None:
    """As the overlay's comment says."""
    kustomization = _kustomization("openshift")
    kustomization["components"].append("../../components/keda")
    kustomization["replacements"] = _kustomization("eks")["replacements"]
    documents = _changed("openshift", kustomization, tmp_path / "overlay")
    assert len(of(documents, "ScaledJob")) == 2
    assert [fault for rule in RULES for fault in RULES[rule](documents)] == []


@pytest.mark.parametrize("overlay", ["eks", "openshift"])
def test_gateways_can_come_by_the_calls_they_serve(overlay: str, tmp_path: Path) -> None:
    kustomization = _kustomization(overlay)
    kustomization["components"].append("../../components/calls-in-flight")
    documents = _changed(overlay, kustomization, tmp_path / "overlay")
    *_, added = _of(documents, "HorizontalPodAutoscaler", "api-gateway")["metrics"]
    assert added["pods"]["metric"]["name"] == metrics.rpc_in_flight._name
    assert 2 * int(added["pods"]["target"]["averageValue"]) == GatewaySettings.model_fields["workers"].default
    assert [fault for rule in RULES for fault in RULES[rule](documents)] == []


def test_the_pod_that_fills_the_volume_keeps_the_rules_of_containers() -> None:
    pod = yaml.safe_load((FOLDER / "fill-installers.yaml").read_text())
    rules = ("fits", "hardened", "sized", "pinned", "without_secrets", "probed")
    assert [fault for rule in rules for fault in RULES[rule]([pod])] == []


def test_rules_and_dashboards_ask_for_jobs_that_there_are() -> None:
    files = [
        path for path in (ROOT / "deploy/observability").iterdir() if path.name in ("alerts.yaml", "dashboards.yaml")
    ]
    asked = set(re.findall(r'job="([^"]+)"', "".join(path.read_text() for path in files)))
    services = {pod["metadata"]["labels"]["app.kubernetes.io/name"] for _, pod in pods(rendered("eks"))}
    assert asked
    assert asked <= services


DNS_SECONDS, HEALTH_SECONDS = 5, 2  # how late an Envoy may know that a gateway is there, or is not


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_envoy_knows_a_new_gateway_before_an_old_one_ends(overlay: str) -> None:
    gateway = find(rendered(overlay), "Deployment", "api-gateway")
    pod = template(gateway)["spec"]
    sleeps = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert gateway["spec"]["minReadySeconds"] >= 2 * (DNS_SECONDS + HEALTH_SECONDS)
    assert sleeps >= 2 * (DNS_SECONDS + HEALTH_SECONDS)
    assert pod["terminationGracePeriodSeconds"] >= sleeps + 10
