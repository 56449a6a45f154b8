"""Tables that fit, and text that no terminal obeys."""

import json

import pytest
import yaml
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, safe, show, show_fields, size, table

NAME = Column(title="NAME", value=lambda row: str(row["name"]), elastic=True)
STATUS = Column(title="STATUS", value=lambda row: str(row["status"]))
ID = Column(title="ID", value=lambda row: str(row["id"]), wide=True)
ROWS = [
    Object(name="a", status="READY", id="clu_1"),
    Object(name="b" * 60, status="CREATING 45%", id="clu_2"),
]


def test_a_table_is_as_wide_as_its_words_when_nobody_looks() -> None:
    assert table(ROWS, [NAME, STATUS], None)[2] == f"{'b' * 60}  CREATING 45%"


@pytest.mark.parametrize("room", [40, 30, 25])
def test_a_table_fits_the_terminal_by_its_elastic_columns(room: int) -> None:
    lines = table(ROWS, [NAME, STATUS], room)
    assert max(map(size, lines)) <= room
    assert "…  CREATING 45%" in lines[2]


def test_a_terminal_that_is_too_narrow_cuts_nothing_that_scripts_need() -> None:
    assert table(ROWS, [NAME, STATUS], 5)[2] == "bbbbbbb…  CREATING 45%"


def test_wide_characters_take_two_columns() -> None:
    rows = [
        Object(name="日本語チーム", status="x", id=""),
        Object(name="é" + "e\u0301", status="y", id=""),
    ]
    title, first, second = table(rows, [NAME, STATUS], None)
    assert size("日本語チーム") == 12
    assert size(first) == size(title) - len("STATUS") + 1 == size(second)


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x07b", "\u202edesrever", "\x9b2J", "\ud800"])
def test_what_a_terminal_would_obey_is_not_printed(text: str) -> None:
    assert not set(safe(text)) & {"\x1b", "\x07", "\u202e", "\x9b", "\ud800"}


def test_lines_become_one() -> None:
    assert safe("one\n  two\tthree") == "one two three"
    assert safe("שלום עולם") == "שלום עולם"


def test_forms(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Object(clusters=ROWS, unknown="kept")
    for form in ("json", "yaml"):
        show(form, answer, ROWS, [NAME, STATUS, ID])
        assert (json.loads if form == "json" else yaml.safe_load)(capsys.readouterr().out) == answer
    show("name", answer, ROWS, [NAME, STATUS, ID])
    assert capsys.readouterr().out == "clu_1\nclu_2\n"
    show("table", answer, ROWS, [NAME, STATUS, ID])
    assert "clu_1" not in capsys.readouterr().out
    show("wide", answer, ROWS, [NAME, STATUS, ID])
    assert "clu_1" in capsys.readouterr().out


def test_a_field_without_a_value_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_fields("table", Object(name="a", status="", id="x"), [NAME, STATUS, ID])
    assert capsys.readouterr().out == "NAME  a\nID    x\n"
