"""Every variable in the manifests is a setting of its service, and each service starts with those that it is given."""

import pytest
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_common.settings import PREFIX, Settings
from ocpctl_envoy.settings import EnvoySettings
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_janitor import sweeps
from ocpctl_scheduler.settings import SchedulerSettings

from tests.house.kubernetes.rendering import OVERLAYS, Document, Documents, of, pods, rendered

SERVICES: dict[str, type[Settings]] = {
    "api-gateway": GatewaySettings,
    "scheduler": SchedulerSettings,
    "installer-runner": RunnerSettings,
    "janitor": sweeps.Settings,
    "envoy": EnvoySettings,
}
COMMON = ("api-gateway", "scheduler", "janitor", "envoy", "migrations-0-1-0")
WORKLOADS = {
    "eks": (*COMMON, "installer-runner-creates", "installer-runner-destroys"),
    "openshift": (*COMMON, "installer-runner"),
    "minimal": (*COMMON, "installer-runner"),
}
CASES = [(overlay, workload) for overlay, workloads in WORKLOADS.items() for workload in workloads]
SDK = {"AWS_DEFAULT_REGION"}  # the cloud's library reads it
OTHERS = {"ACCOUNT_ID"}  # of the ConfigMap, for KEDA's trigger


def environment(documents: Documents, container: Document) -> dict[str, str]:
    """What the container's process would see; a secret is a URL of a database."""
    maps = {one["metadata"]["name"]: one["data"] for one in of(documents, "ConfigMap")}
    values: dict[str, str] = {}
    for variable in container["env"]:
        source = variable.get("valueFrom", {})
        if "value" in variable:
            values[variable["name"]] = variable["value"]
        elif reference := source.get("configMapKeyRef"):
            if reference["key"] in (data := maps[reference["name"]]):
                values[variable["name"]] = data[reference["key"]]
        else:
            values[variable["name"]] = "a-pod-name" if "fieldRef" in source else "postgresql://db/ocpctl"
    return values


def container_of(documents: Documents, workload: str) -> Document:
    pod = next(pod for document, pod in pods(documents) if document["metadata"]["name"] == workload)
    container: Document = pod["spec"]["containers"][0]
    return container


@pytest.mark.parametrize(("overlay", "workload"), CASES)
def test_a_service_starts_with_what_it_is_given(overlay: str, workload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = rendered(overlay)
    container = container_of(documents, workload)
    if container["name"] == "migrations":
        assert environment(documents, container).keys() == {"OCPCTL_DATABASE_URL"}
        return
    service = SERVICES[container["name"]]
    for name, value in environment(documents, container).items():
        monkeypatch.setenv(name, value)
    assert service.load()
    assert {one["name"] for one in container["env"]} - SDK <= {PREFIX + name.upper() for name in service.model_fields}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_workloads_are_tried(overlay: str) -> None:
    assert {document["metadata"]["name"] for document, _ in pods(rendered(overlay))} == set(WORKLOADS[overlay])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_that_is_filled_in_is_used(overlay: str) -> None:
    documents = rendered(overlay)
    used = {
        variable["valueFrom"]["configMapKeyRef"]["key"]
        for _, pod in pods(documents)
        for variable in pod["spec"]["containers"][0]["env"]
        if "configMapKeyRef" in variable.get("valueFrom", {})
    }
    (platform,) = (one for one in of(documents, "ConfigMap") if one["metadata"]["name"].startswith("platform-"))
    assert platform["data"].keys() - OTHERS <= used


@pytest.mark.parametrize("variable", ["OCPCTL_BUCKET", "OCPCTL_WORK_DIR", "OCPCTL_TLS_DIR"])
def test_a_setting_that_is_missing_is_noticed(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    documents = rendered("minimal")
    values = environment(documents, container_of(documents, "installer-runner"))
    del values[variable]
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=variable):
        RunnerSettings.load()


def test_a_runner_of_keda_is_that_of_the_deployment() -> None:
    """But for its pool, and that it takes one job."""
    deployed = environment(documents := rendered("openshift"), container_of(documents, "installer-runner"))
    own = {"OCPCTL_POOLS", "OCPCTL_SLOTS"}
    for pool, without in (
        ("creates", {"OCPCTL_DESTROY_QUEUE_URL"}),
        ("destroys", {"OCPCTL_QUEUE_URL", "OCPCTL_PROFILES_DIR"}),
    ):
        once = environment(documents := rendered("eks"), container_of(documents, f"installer-runner-{pool}"))
        assert {k: v for k, v in once.items() if k not in own} == {
            k: v for k, v in deployed.items() if k not in own | without
        }
        assert once["OCPCTL_POOLS"] == f'["{pool}"]'
