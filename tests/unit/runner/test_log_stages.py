"""From the installer's log to stages."""

import pytest
from ocpctl_installer_runner.installer.log_stages import Progress, changes

LINES = [
    'time="2026-01-01T00:00:00Z" level=info msg="Creating infrastructure resources..."',
    'time="2026-01-01T00:00:00Z" level=debug msg="nothing of interest"',
    'time="2026-01-01T00:00:00Z" level=debug msg="Still waiting: 412 of 959 done (43% complete)"',
    "not a record at all",
    'time="2026-01-01T00:00:00Z" level=info msg="Install complete!"',
]


def test_stages_with_growing_percentages() -> None:
    found = [(change.stage, change.percent) for change in changes(LINES)]
    assert found == [("infrastructure", 8), ("operators", 77), ("installed", 98)]


def record(message: str, fields: str = "", level: str = "info") -> str:
    """A record as the installer's log file has it: quoted only if it must be."""
    text = message if message.isalnum() else f'"{message}"'
    return f'time="2026-01-01T00:00:00Z" level={level} msg={text} {fields}'.rstrip()


# What release 4.20 says on its way, in its order, and the stage that each line begins.
WAY = (
    ("Creating infrastructure resources...", "infrastructure"),
    ("Waiting up to 15m0s (until 10:15AM UTC) for network infrastructure to become ready...", "network"),
    ("Network infrastructure is ready", "network ready"),
    ("Waiting up to 15m0s (until 10:25AM UTC) for machines [a-bootstrap a-master-0] to provision...", "machines"),
    ("Control-plane machines are ready", "control plane"),
    (
        "Waiting up to 20m0s (until 10:40AM UTC) for the Kubernetes API at https://api:6443...",
        "waiting for the API",
    ),
    ("Waiting up to 45m0s (until 11:20AM UTC) for bootstrapping to complete...", "bootstrap"),
    ("Destroying the bootstrap resources...", "bootstrap done"),
    ("Waiting up to 40m0s for the cluster at https://api:6443 to initialize...", "operators"),
    (
        "Still waiting for the cluster to initialize: Working towards 4.20: 863 of 959 done (90% complete)",
        "operators",
    ),
    ("Still waiting for the cluster to initialize: Multiple errors are preventing progress:", "operators"),
    (
        "Waiting up to 30m0s (until 12:05PM UTC) to ensure each cluster operator has finished progressing...",
        "operators come to rest",
    ),
    ("All cluster operators have completed progressing", "operators come to rest"),
    ("Checking to see if there is a route at openshift-console/console...", "console"),
    ("Install complete!", "installed"),
)


def test_what_every_command_says_at_its_beginning_is_no_stage() -> None:
    """A log holds the records of several commands, and each reads it from its beginning: no stage comes back."""
    assert not list(changes([record("Consuming Install Config from target directory")]))


def test_every_wait_of_the_real_installer_has_its_stage_and_the_percentage_never_falls() -> None:
    found = list(Progress().changes([record(message) for message, _ in WAY]))
    assert [change.stage for change in found] == [stage for _, stage in WAY]
    percents = [change.percent for change in found]
    assert percents == sorted(percents)
    assert percents[9] == percents[10], "errors that prevent progress do not undo it"


@pytest.mark.parametrize("word", ["Deleted", "Terminated", "Disassociated", "Released", "Detached"])
def test_what_a_real_destroy_says_is_progress(word: str) -> None:
    (change,) = changes([record(word, "id=subnet-0a1 resourceType=subnet")])
    assert (change.stage, change.message) == ("deleting", f"{word} subnet subnet-0a1")


def test_a_destroy_comes_nearer_with_everything_that_is_deleted_but_not_to_its_end() -> None:
    progress = Progress()
    lines = [record("Deleted", f'arn="arn:aws:ec2:::subnet/{n}" id=subnet-{n} resourceType=subnet') for n in range(500)]
    percents = [change.percent for line in lines for change in progress.changes([line])]
    assert percents == sorted(percents)
    assert percents[0] < percents[50] < percents[499] < 60
    (done,) = progress.changes([record("Uninstallation complete!")])
    assert done.percent == 60
