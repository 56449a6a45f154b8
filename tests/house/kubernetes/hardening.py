"""Rules about containers. Each rule returns its faults."""

import re
import tomllib
from collections.abc import Iterator

from ocpctl_envoy.drain import MAX_SECONDS
from ocpctl_local.settings import ROOT

from tests.house.kubernetes.rendering import Document, Documents, containers, find, name, of, pods

RELEASE: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
FIXED_IDS = ("runAsUser", "runAsGroup", "fsGroup", "supplementalGroups")
LITERAL = re.compile(r"-----BEGIN|://[^/\s:@]+:[^/\s@]+@|AKIA[0-9A-Z]{16}")
PROBES = {kind: {"readinessProbe", "livenessProbe"} for kind in ("Deployment", "ScaledJob")}
UNPROBED = {"envoy": {"livenessProbe"}}  # its probe would need one of the connections that strangers may have taken
SECRET_NAME = re.compile(r"PASSWORD|TOKEN|SECRET_ACCESS_KEY|DATABASE_URL")


def hardened(documents: Documents) -> Iterator[str]:
    """No container may more than it must, nor chooses a uid that OpenShift would refuse."""
    for document, pod in pods(documents):
        yield from (f"{name(document)} {fault}" for fault in _of_pod(pod["spec"]))
    for who, container in containers(documents):
        yield from (f"{who} {fault}" for fault in _of_container(container.get("securityContext", {})))


def _of_pod(spec: Document) -> Iterator[str]:
    security = spec.get("securityContext", {})
    if security.get("runAsNonRoot") is not True:
        yield "may run as root"
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "has no seccomp profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "has a token of the cluster's API"
    if any(spec.get(word) for word in ("hostNetwork", "hostPID", "hostIPC")):
        yield "is in a namespace of its node"
    if any("hostPath" in volume for volume in spec.get("volumes", [])):
        yield "has a folder of its node"
    yield from (f"fixes {word}" for word in FIXED_IDS if word in security)


def _of_container(security: Document) -> Iterator[str]:
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "may get more rights"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "can write to its root"
    yield from (f"fixes {word}" for word in FIXED_IDS if word in security)


def sized(documents: Documents) -> Iterator[str]:
    """Every container says what it needs and what it may take; volumes in memory or on the node have a size."""
    for who, container in containers(documents):
        for part in ("requests", "limits"):
            missing = {"cpu", "memory", "ephemeral-storage"} - container.get("resources", {}).get(part, {}).keys()
            yield from (f"{who} has no {part} of {word}" for word in sorted(missing))
    for document, pod in pods(documents):
        for volume in pod["spec"].get("volumes", []):
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{name(document)}: {volume['name']} has no size"


def pinned(documents: Documents) -> Iterator[str]:
    """An image is one of this release, by its tag, or by a digest."""
    for who, container in containers(documents):
        image = container["image"]
        if not image.endswith(f":{RELEASE}") and not re.search(r"@sha256:[0-9a-f]{64}$", image):
            yield f"{who} has the image {image}"
    for job in of(documents, "Job"):
        if not job["metadata"]["name"].endswith("-" + RELEASE.replace(".", "-")):
            yield f"{name(job)} does not end with the release: a Job cannot be changed"


def without_secrets(documents: Documents) -> Iterator[str]:
    """No secret stands in a manifest."""
    for document in documents:
        if document["kind"] == "Secret":
            yield f"{name(document)} is a secret"
        for key, value in document.get("data", {}).items():
            if LITERAL.search(str(value)) or SECRET_NAME.search(key):
                yield f"{name(document)}: {key} is a secret"
    for who, container in containers(documents):
        for variable in container.get("env", []):
            if SECRET_NAME.search(variable["name"]) and "secretKeyRef" not in variable.get("valueFrom", {}):
                yield f"{who}: {variable['name']} does not come from a secret"
            if LITERAL.search(variable.get("value", "")):
                yield f"{who}: {variable['name']} holds a secret"


def probed(documents: Documents) -> Iterator[str]:
    """The kubelet asks by HTTP: gRPC ports want a certificate (docs/decisions/0020)."""
    for document, pod in pods(documents):
        for container in pod["spec"]["containers"]:
            probes = {key: value for key, value in container.items() if key.endswith("Probe")}
            yield from (f"{name(document)}: {key} is not HTTP" for key, one in probes.items() if "httpGet" not in one)
            wanted = PROBES.get(document["kind"], set()) - UNPROBED.get(container["name"], set())
            yield from (f"{name(document)} has no {key}" for key in wanted - probes.keys())


def runners_may_finish(documents: Documents) -> Iterator[str]:
    """A runner's pod lives as long as its drain, the long poll before, and the stop and the uploads after it."""
    for document, pod in pods(documents):
        for container in pod["spec"]["containers"]:
            values = {one["name"]: one.get("value") for one in container.get("env", [])}
            if drain := values.get("OCPCTL_DRAIN_SECONDS"):
                if pod["spec"].get("terminationGracePeriodSeconds", 30) < int(drain) + 20 + 90 + 180:
                    yield f"{name(document)} is killed before its runs have drained"
                if pod["metadata"].get("annotations", {}).get("karpenter.sh/do-not-disrupt") != "true":
                    yield f"{name(document)} is evicted where nodes are packed"
    for document in of(documents, "ScaledJob"):
        if document["spec"].get("rollout", {}).get("strategy") != "gradual":
            yield f"{name(document)} kills the Jobs that run when it is changed"


def envoy_sheds_load(documents: Documents) -> Iterator[str]:
    """Envoy refuses requests before the container's memory ends, and lives until it has drained."""
    spec = find(documents, "Deployment", "envoy")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    if spec["terminationGracePeriodSeconds"] < MAX_SECONDS + 10:
        yield "Envoy is killed before it has drained"
    limit = int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024**3
    heap = next(int(one["value"]) for one in container["env"] if one["name"] == "OCPCTL_HEAP_BYTES")
    if heap > limit * 0.9:
        yield "OCPCTL_HEAP_BYTES is above nine tenths of the memory"
