"""The alert rules as Prometheus Operator takes them: those of deploy/observability/alerts.yaml, as they stand there."""

import textwrap
from pathlib import Path

ALERTS = Path(__file__).resolve().parent.parent / "deploy" / "observability" / "alerts.yaml"
INDENT = "  "


def render() -> str:
    """What is below `spec` of a PrometheusRule, up to its end mark."""
    _, groups, rules = ALERTS.read_text().partition("groups:\n")
    return textwrap.indent(groups + rules, INDENT) + INDENT
