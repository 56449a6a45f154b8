"""From the installer's log to stages."""

from pathlib import Path

from ocpctl_installer_runner.installer.marks import LOG_NAME, LogFollower, changes

LINES = [
    'time="2026-01-01T00:00:00Z" level=info msg="Creating infrastructure resources..."',
    'time="2026-01-01T00:00:00Z" level=debug msg="nothing of interest"',
    'time="2026-01-01T00:00:00Z" level=debug msg="Still waiting: 412 of 959 done (43% complete)"',
    "not a record at all",
    'time="2026-01-01T00:00:00Z" level=info msg="Install complete!"',
]


def test_stages_with_growing_percentages() -> None:
    found = [(change.stage, change.percent) for change in changes(LINES)]
    assert found == [("infrastructure", 8), ("operators", 78), ("installed", 98)]


def test_half_written_lines_are_kept_for_the_next_look(tmp_path: Path) -> None:
    follower = LogFollower(tmp_path)
    assert follower.new_lines() == []
    log = tmp_path / LOG_NAME
    log.write_text(LINES[0][:20])
    assert follower.new_lines() == []
    log.write_text(LINES[0] + "\n" + LINES[4][:5])
    assert follower.new_lines() == [LINES[0]]
