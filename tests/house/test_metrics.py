"""A service exports exactly the metrics that its code feeds, and every metric is fed by somebody."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from ocpctl_common.telemetry import metrics
from ocpctl_local.settings import ROOT
from prometheus_client.metrics import MetricWrapperBase

DEFINED = {name: value for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)}
GROUPS = {
    "api-gateway": metrics.GATEWAY,
    "scheduler": metrics.SCHEDULER,
    "installer-runner": metrics.RUNNER,
    "janitor": metrics.JANITOR,
}


def fed(folder: Path) -> set[str]:
    """The metrics that the code of a folder names."""
    trees = [ast.parse(path.read_text()) for path in folder.rglob("*.py")]
    found = {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "metrics"
    }
    return found & DEFINED.keys()


def named(shown: Iterable[MetricWrapperBase]) -> set[str]:
    """Their names in the module."""
    known = {id(value): name for name, value in DEFINED.items()}
    return {known[id(metric)] for metric in shown}


@pytest.mark.parametrize("service", GROUPS)
def test_a_service_exports_what_it_feeds(service: str) -> None:
    shared = named(metrics.SERVED)
    assert named(GROUPS[service]) - shared == fed(ROOT / "services" / service / "src")


def test_what_all_share_is_fed_by_what_all_share() -> None:
    assert named(metrics.SERVED) == fed(ROOT / "libs" / "common" / "src" / "ocpctl_common")


def test_the_operators_page_names_every_metric() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    for metric in DEFINED.values():
        assert metric._name in page
