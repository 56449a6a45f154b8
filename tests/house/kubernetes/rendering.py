"""The manifests as Kustomize renders them, and what is looked up in them."""

import copy
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ocpctl_local.settings import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("eks", "openshift", "minimal")
KUBECTL = Path(sys.executable).with_name("kubectl")
WORKLOADS = ("Deployment", "Job", "ScaledJob", "Pod")

Document = dict[str, Any]
Documents = Sequence[Document]


def rendered_text(folder: Path) -> str:
    """What `kubectl apply -k` would send. Raises CalledProcessError."""
    done = subprocess.run((KUBECTL, "kustomize", folder), check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def rendered(overlay: str) -> list[Document]:
    """The documents of an overlay, each call with its own."""
    return copy.deepcopy(parsed(FOLDER / "overlays" / overlay))


@cache
def parsed(folder: Path) -> list[Document]:
    """The documents that Kustomize makes of a folder."""
    return list(yaml.load_all(rendered_text(folder), Loader=yaml.CSafeLoader))


def find(documents: Documents, kind: str, name: str) -> Document:
    """The document. Raises StopIteration when there is none."""
    return next(one for one in documents if one["kind"] == kind and one["metadata"]["name"] == name)


def of(documents: Documents, *kinds: str) -> list[Document]:
    return [one for one in documents if one["kind"] in kinds]


def name(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def template(document: Document) -> Document:
    """The pod of a workload: metadata and spec."""
    if document["kind"] == "Pod":
        return document
    spec = document["spec"]
    pod: Document = (spec["jobTargetRef"] if document["kind"] == "ScaledJob" else spec)["template"]
    return pod


def pods(documents: Documents) -> Iterator[tuple[Document, Document]]:
    """Every workload with its pod."""
    for document in of(documents, *WORKLOADS):
        yield document, template(document)


def containers(documents: Documents) -> Iterator[tuple[str, Document]]:
    """Every container, with a name for messages."""
    for document, pod in pods(documents):
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            yield f"{name(document)}: {container['name']}", container


def labels(pod: Document) -> dict[str, str]:
    found: dict[str, str] = pod["metadata"].get("labels", {})
    return found


def selects(selector: dict[str, str], pod: Document) -> bool:
    return bool(selector) and selector.items() <= labels(pod).items()
