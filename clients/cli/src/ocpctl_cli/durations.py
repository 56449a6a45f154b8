"""Times as people write them: 90m, 8h, 2d; 2026-11-01."""

import re
from datetime import UTC, datetime

import click

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
HOUR = 3600
LONGEST = 10 * 365 * 86400
PART = re.compile(r"(\d+)([smhd])")


class Duration(click.ParamType[int]):
    """Seconds, from `90s`, `90m`, `8h`, `2d` or several of them, as `1h30m`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Raises click.BadParameter."""
        if isinstance(value, int):
            return value
        text = str(value).strip().lower()
        parts = PART.findall(text)
        units = [unit for _, unit in parts]
        if not parts or "".join(number + unit for number, unit in parts) != text or len(set(units)) < len(units):
            self.fail(f"{value!r} is no duration: write it as 90m, 8h, 2d or 1h30m", param, ctx)
        seconds = sum(int(number) * SECONDS[unit] for number, unit in parts)
        if seconds > LONGEST:
            self.fail(f"{value!r} is longer than ten years", param, ctx)
        return seconds


class Hours(Duration):
    """Whole hours, which is what clusters live for."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Raises click.BadParameter."""
        if isinstance(value, int):
            return value
        seconds = super().convert(value, param, ctx)
        if seconds % HOUR or not seconds:
            self.fail(f"{value!r}: clusters live for whole hours, as 8h or 2d", param, ctx)
        return seconds // HOUR


class Moment(click.ParamType[str]):
    """RFC 3339 in UTC, from a day (its beginning in UTC) or a time; a time without a zone is UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises click.BadParameter."""
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no time: write it as 2026-11-01 or 2026-11-01T12:00:00Z", param, ctx)
        return rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))


def rfc3339(moment: datetime) -> str:
    """As the API takes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown(seconds: float) -> str:
    """At most two units, the greatest that fit: 2d3h, 8h, 45m, 12s."""
    left, parts = int(seconds), list[str]()
    for unit in "dhms":
        count, left = divmod(left, SECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2]) or "0s"
