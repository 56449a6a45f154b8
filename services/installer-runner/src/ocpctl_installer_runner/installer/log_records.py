"""The installer's log as records.

In its file a record is `time="…" level=… msg="…" field=…`, all on one line; on stderr the same without time, or only
`LEVEL message` where the installer takes it for a terminal, and there nothing is quoted.
"""

import re
from dataclasses import dataclass

MAX_CHARACTERS = 8000  # of a line; the rest says nothing new
HEAD = 6000  # the cause is at the end of a long chain, what failed is at its beginning
CUT = " … "
LEVELS = ("trace", "debug", "info", "warning", "error", "fatal", "panic")
RECORD = re.compile(rf'(?:time="[^"]*" +)?level=(?P<level>{"|".join(LEVELS)})\b *(?:msg=)?(?P<rest>.*)', re.DOTALL)
SHORT = re.compile(rf"(?P<level>{'|'.join(LEVELS).upper()}) +(?P<rest>.*)", re.DOTALL)
# The other programs of a release: what ends ccoctl begins so, and so does what ends oc.
TOOL = re.compile(
    r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?P<ccoctl>[Ff]ailed .*)|error: (?P<oc>unable to read image .*)", re.DOTALL
)
CRASH = re.compile(r"(?:panic: |fatal error: |unexpected fault )")  # what Go itself writes when a program dies
ESCAPED = re.compile(r'\\(["\\nrt])')
MEANT = {"n": " ", "r": " ", "t": " ", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `text` is its message and its fields as a person would write them, on one line."""

    level: str
    text: str


def cut(line: str) -> str:
    """A line of a bounded length: a line may have megabytes."""
    return line if len(line) <= MAX_CHARACTERS else line[:HEAD] + CUT + line[HEAD + len(CUT) - MAX_CHARACTERS :]


def parse(line: str) -> Record | None:
    """The record that begins on this line; None if the line is no record."""
    line = cut(line)
    if found := RECORD.match(line) or SHORT.match(line):
        level = found["level"].lower()
        return Record("fatal" if level == "panic" else level, _plain(found["rest"]))
    if found := TOOL.match(line):
        return Record("fatal", found["ccoctl"] or found["oc"])
    return Record("fatal", line) if CRASH.match(line) else None


def _plain(text: str) -> str:
    return ESCAPED.sub(lambda found: MEANT[found[1]], text.removeprefix('"'))
