"""Data on stdout, in the form that was asked for; JSON and YAML are the API's own words. All else goes to stderr."""

import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import click

from ocpctl_cli.objects import Object

FORMS = ("table", "wide", "json", "yaml", "name")
GAP = "  "
MIN_WIDTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`wide`: only where there is room for it by choice. `elastic`: it is cut where the terminal is narrow."""

    title: str
    value: Callable[[Object], str]
    wide: bool = False
    elastic: bool = False


def show(form: str, found: Any, rows: Sequence[Object], columns: Sequence[Column], name: str = "id") -> None:
    """`found` is the API's answer, `rows` what a person sees of it, `name` the field that scripts go on with."""
    names = [row[name] for row in rows]  # what has none is none
    if _as_it_came(form, found):
        return
    if form == "name":
        for one in names:
            click.echo(one)
        return
    shown = [column for column in columns if form == "wide" or not column.wide]
    for line in table(rows, shown, width()):
        click.echo(line)


def show_fields(form: str, found: Object, fields: Sequence[Column], name: str = "id") -> None:
    """One thing: a field a line; fields without a value are left out."""
    own_name = found[name]  # what has none is none
    if _as_it_came(form, found):
        return
    if form == "name":
        click.echo(own_name)
        return
    filled = [(field.title, value) for field in fields if (value := safe(field.value(found)))]
    widest = max((len(title) for title, _ in filled), default=0)
    for title, value in filled:
        click.echo(f"{title.ljust(widest)}{GAP}{value}")


def show_element(form: str, found: Object, text: str) -> None:
    """One of a stream, in a line: JSON, an element of a YAML list, or `text`."""
    own = json.dumps(found, ensure_ascii=False)
    click.echo({"json": own, "yaml": f"- {own}"}.get(form, text))


def _as_it_came(form: str, found: Any) -> bool:
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif form == "yaml":
        from ocpctl_cli.quoting import dumped  # noqa: PLC0415 - not for the other forms

        click.echo(dumped(found), nl=False)
    return form in ("json", "yaml")


def table(rows: Sequence[Object], columns: Sequence[Column], room: int | None) -> list[str]:
    """Lines of a table; None as room: no line is cut, since nobody looks."""
    cells = [[safe(column.value(row)) for column in columns] for row in rows]
    lines = [[column.title for column in columns], *cells]
    widths = [max(size(line[place]) for line in lines) for place in range(len(columns))]
    if room is not None:
        widths = _fitting(widths, columns, room)
    return [GAP.join(_fit(cell, wide) for cell, wide in zip(line, widths, strict=True)).rstrip() for line in lines]


def _fitting(widths: list[int], columns: Sequence[Column], room: int) -> list[int]:
    """Takes what is too much from the elastic columns, from the widest first."""
    fitting = list(widths)
    while sum(fitting) + len(GAP) * (len(fitting) - 1) > room:
        places = [place for place, column in enumerate(columns) if column.elastic and fitting[place] > MIN_WIDTH]
        if not places:
            break
        fitting[max(places, key=fitting.__getitem__)] -= 1
    return fitting


def size(text: str) -> int:
    """Columns of a terminal: wide characters take two, marks that sit on others none."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else not unicodedata.combining(one) for one in text)


def _fit(text: str, wide: int) -> str:
    if size(text) > wide:
        while size(text) > wide - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (wide - size(text))


def safe(text: str) -> str:
    """In one line, without characters that a terminal obeys."""
    return plain(" ".join(text.split()))


def plain(text: str) -> str:
    """As it is but for characters that a terminal obeys; a tab is none of them."""
    return "".join(one if one == "\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs") else "�" for one in text)


def width() -> int | None:
    """Of the terminal; None: stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else None


def say(text: str) -> None:
    """Progress and advice, for a person. That nobody can read it stops nothing."""
    with suppress(OSError):
        click.echo("\n".join(map(plain, text.split("\n"))), err=True)
