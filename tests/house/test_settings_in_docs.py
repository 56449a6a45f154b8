"""The pages name only settings that exist, with the defaults that they have."""

import re
from pathlib import Path

import pytest
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_common import failpoints
from ocpctl_common.settings import PREFIX, Settings
from ocpctl_envoy.settings import EnvoySettings
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_janitor import sweeps
from ocpctl_local.settings import ROOT
from ocpctl_scheduler.settings import SchedulerSettings

SERVICES: tuple[type[Settings], ...] = (
    GatewaySettings,
    SchedulerSettings,
    RunnerSettings,
    sweeps.Settings,
    EnvoySettings,
)
# Variables that are no setting of a service, and who reads or sets them.
OTHERS = {
    failpoints.VARIABLE: "tests",
    "OCPCTL_ATTEMPT_ID": "set by the runner for the installer's processes, by which it finds them",
    "OCPCTL_URL": "`make up` writes it for the shell",
    "OCPCTL_TOKEN": "the shell's, in the curl lines and for the command line",
    "OCPCTL_CLUSTER": "the command line sets it for the commands that it runs",
}
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs/runbooks").iterdir(),
]


def defaults() -> dict[str, set[str]]:
    """Every setting with its defaults, one for each service that has it."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        for name, field in service.model_fields.items():
            found.setdefault(PREFIX + name.upper(), set()).add(str(field.get_default(call_default_factory=True)))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_settings_that_exist(page: Path) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", page.read_text()))
    assert named <= defaults().keys() | OTHERS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_number_beside_a_setting_is_its_default(page: Path) -> None:
    for name, number in re.findall(rf"`({PREFIX}[A-Z_]+)` \((\d[\d.]*)[,)]", page.read_text()):
        assert float(number) in {float(value) for value in defaults()[name]}, name


def test_the_pages_are_read() -> None:
    text = "".join(page.read_text() for page in PAGES)
    assert len(re.findall(rf"`{PREFIX}[A-Z_]+` \(\d", text)) > 10
