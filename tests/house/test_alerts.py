"""Alert rules, dashboards and runbooks know each other, and every metric that they name exists."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_common.telemetry import metrics
from ocpctl_local.settings import ROOT
from prometheus_client.metrics import MetricWrapperBase

from tests.promtool import promtool
from tools import dashboards

FOLDER = ROOT / "deploy" / "observability"
RUNBOOKS = ROOT / "docs" / "runbooks"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]
TESTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts_test.yaml").read_text())["tests"]
NO_METRIC = {
    "lost-snapshot.md",
    "database-failover.md",
    "database-restore.md",
    "audit-break.md",
}  # what no metric shows
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def exposed() -> dict[str, set[str]]:
    """The names that a scrape shows, of each metric."""
    found = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]
    return {
        metric._name: {metric._name + ending for ending in ENDINGS.get(str(metric._type), ("",))} for metric in found
    }


def named(queries: str) -> set[str]:
    return set(re.findall(r"\bocpctl_\w+", queries))


def shown() -> set[str]:
    queries = [rule["expr"] for rule in RULES]
    queries += [
        each["query"] for page in dashboards.PAGES.values() for panel in page["panels"] for each in panel["queries"]
    ]
    return named(" ".join(queries))


def test_every_metric_that_is_named_exists() -> None:
    assert shown() <= set().union(*exposed().values())


def test_somebody_sees_every_metric() -> None:
    assert [metric for metric, names in exposed().items() if not names & shown()] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_severity_a_summary_and_a_runbook_that_names_it(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith(".")
    assert f"`{rule['alert']}`" in (RUNBOOKS / "README.md").read_text()
    assert (ROOT / rule["annotations"]["runbook_url"]).is_file()


def test_a_runbook_has_its_alert() -> None:
    pages = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
    assert pages - NO_METRIC == {Path(rule["annotations"]["runbook_url"]).name for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_was_seen_to_fire(rule: dict[str, Any]) -> None:
    fired = {each["alertname"] for test in TESTS for each in test.get("alert_rule_test", ()) if each["exp_alerts"]}
    assert rule["alert"] in fired


def test_the_rules_do_what_their_tests_say() -> None:
    command = (promtool(), "test", "rules", FOLDER / "alerts_test.yaml")
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", dashboards.PAGES)
def test_a_dashboard_is_what_its_table_says(name: str) -> None:
    assert (dashboards.FOLDER / f"{name}.json").read_text() == dashboards.rendered(name), "run `make gen`"
