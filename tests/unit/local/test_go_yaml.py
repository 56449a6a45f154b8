"""The simulator reads YAML as the installer does. What plain words are was looked up in go-yaml 2 and Go's strconv."""

from typing import Any

import pytest
from ocpctl_local.simulator.go_yaml import load, plain, text


@pytest.mark.parametrize(
    ("written", "value", "as_text"),
    [
        ("y", True, "true"),
        ("N", False, "false"),
        ("on", True, "true"),
        ("Off", False, "false"),
        ("yes", True, "true"),
        ("true", True, "true"),
        ("null", None, ""),
        ("~", None, ""),
        ("", None, ""),
        ("08", 8.0, "8"),
        ("010", 8, "8"),
        ("0o17", 15, "15"),
        ("0x1F", 31, "31"),
        ("0b101", 5, "5"),
        ("1e3", 1000.0, "1000"),
        ("1_000", 1000, "1000"),
        ("1.50", 1.5, "1.5"),
        ("-7", -7, "-7"),
        ("2026-11-26", "2026-11-26T00:00:00Z", "2026-11-26T00:00:00Z"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("12e", "12e", "12e"),
        ("yy", "yy", "yy"),
        ("1:30", "1:30", "1:30"),  # no base sixty
        ("10.0.0.0/16", "10.0.0.0/16", "10.0.0.0/16"),
    ],
)
def test_plain_words(written: str, value: Any, as_text: str) -> None:
    found = plain(written)
    assert (found, type(found)) == (value, type(value))
    assert text(found) == as_text
    if written:
        assert load(f"a: {written}") == {"a": value}
        assert load(f'a: "{written}"') == {"a": written}


def test_keys_are_texts_and_come_once() -> None:
    assert load("y: 1\n08: 2") == {"true": 1, "8": 2}
    with pytest.raises(ValueError, match='key "true" already set in map'):
        load("y: 1\nY: 2")
    assert load('"y": 1\n"Y": 2') == {"y": 1, "Y": 2}
