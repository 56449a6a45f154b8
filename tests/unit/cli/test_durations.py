"""Times as people write them."""

import click
import pytest
from ocpctl_cli.durations import Duration, Hours, Moment, shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("90m", 5400),
        ("8h", 28800),
        ("2d", 172800),
        ("1h30m", 5400),
        ("1H", 3600),
        (" 2d ", 172800),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "h", "8", "8x", "-8h", "8h!", "1.5h", "eight", "8 h", "٣h8"])
def test_what_is_no_duration_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"write it as 90m, 8h, 2d or 1h30m"):
        Duration().convert(text, None, None)


@pytest.mark.parametrize(("text", "hours"), [("8h", 8), ("2d", 48), ("120m", 2), ("1d1h", 25)])
def test_clusters_live_for_whole_hours(text: str, hours: int) -> None:
    assert Hours().convert(text, None, None) == hours
    assert Hours().convert(hours, None, None) == hours


@pytest.mark.parametrize("text", ["90m", "0h", "59s"])
def test_a_part_of_an_hour_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="whole hours"):
        Hours().convert(text, None, None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "0s"), (59, "59s"), (61, "1m1s"), (3600, "1h"), (90061, "1d1h"), (86400 * 3 + 5, "3d5s")],
)
def test_a_duration_is_shown_in_two_units(seconds: float, text: str) -> None:
    assert shown(seconds) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T12:00", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z"),
        (" 2026-11-01T12:00:00Z ", "2026-11-01T12:00:00Z"),
    ],
)
def test_a_moment_is_read_in_utc(text: str, moment: str) -> None:
    assert Moment().convert(text, None, None) == moment


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "01.11.2026"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="2026-11-01"):
        Moment().convert(text, None, None)
