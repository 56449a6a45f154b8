"""The rule that every document fits its schema: those of Kubernetes, or ours of other kinds (schemas/README.md)."""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tests.house.kubernetes.rendering import Document, Documents, name

OLDEST, NEWEST = "1.30.0", "1.37.0"  # docs/kubernetes.md names the oldest
SCHEMAS = Path(__file__).with_name("schemas")


@cache
def foreign() -> dict[str, Any]:
    """The schemas of the specs of foreign kinds, by apiVersion and kind."""
    return {
        kind: schema
        for file in sorted(SCHEMAS.glob("*.yaml"))
        for kind, schema in yaml.safe_load(file.read_text()).items()
    }


def fits(documents: Documents) -> Iterator[str]:
    """Every document is one that an API server of the oldest and of the newest release takes."""
    for document in documents:
        kind = f"{document['apiVersion']}/{document['kind']}"
        if kind in foreign():
            yield from _of_foreign(document, foreign()[kind])
        else:
            yield from _of_kubernetes(document)


def _of_foreign(document: Document, schema: Any) -> Iterator[str]:
    unknown = document.keys() - {"apiVersion", "kind", "metadata", "spec"}
    yield from (f"{name(document)}: unknown {word}" for word in unknown)
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document["spec"]):
        yield f"{name(document)}: {error.json_path}: {error.message}"
    if "jobTargetRef" in document["spec"]:
        job = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": document["metadata"],
            "spec": document["spec"]["jobTargetRef"],
        }
        yield from _of_kubernetes(job)


def _of_kubernetes(document: Document) -> tuple[str, ...]:
    return _judged(json.dumps(document, sort_keys=True))


@cache
def _judged(text: str) -> tuple[str, ...]:
    """Faults of a document; most are the same in all overlays."""
    return tuple(_faults(json.loads(text)))


def _faults(document: Document) -> Iterator[str]:
    for version in (OLDEST, NEWEST):
        try:
            with warnings.catch_warnings(action="ignore"):
                kubernetes_validate.validate(document, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            yield f"{name(document)} in {version}: {error.message}"
