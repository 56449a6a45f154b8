"""`python -m tools.dashboards`: writes Grafana's dashboards from what deploy/observability/dashboards.yaml says."""

import json
from pathlib import Path
from typing import Any

import yaml

OBSERVABILITY = Path(__file__).resolve().parent.parent / "deploy" / "observability"
FOLDER = OBSERVABILITY / "dashboards"
WIDTH, HEIGHT, COLUMNS = 12, 8, 2
SOURCE = {"type": "prometheus", "uid": "${source}"}
PAGES: dict[str, dict[str, Any]] = yaml.safe_load((OBSERVABILITY / "dashboards.yaml").read_text())


def rendered(name: str) -> str:
    """The dashboard as Grafana imports it; its data source is asked for there."""
    page = PAGES[name]
    document = {
        "title": page["title"],
        "uid": f"ocpctl-{name}",
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(number, panel) for number, panel in enumerate(page["panels"])],
    }
    return json.dumps(document, indent=1) + "\n"


def _panel(number: int, panel: dict[str, Any]) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel["title"],
        "description": panel.get("says", ""),
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.get("unit", "short"), "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": each["query"],
                "legendFormat": each["legend"],
            }
            for place, each in enumerate(panel["queries"])
        ],
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for dashboard in PAGES:
        (FOLDER / f"{dashboard}.json").write_text(rendered(dashboard))
