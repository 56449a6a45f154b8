"""The request of a create: from options, a file, the context's defaults, and what there is only one choice for."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpctl_cli.clusters import MICROS, micros
from ocpctl_cli.completions import profiles
from ocpctl_cli.durations import Hours
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object
from ocpctl_cli.settings import Settings, segment

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

Option = Callable[[Any], Any]
# The option of each field of the request: an error of the API names the field.
OPTIONS = {
    "name": "NAME",
    "profile": "--profile",
    "version": "--version",
    "region": "--region",
    "baseDomain": "--base-domain",
    "owner": "--owner",
    "team": "--team",
    "costCenter": "--cost-center",
    "ttlHours": "--ttl",
    "workerReplicas": "--workers",
    "tags": "--tag",
    "sshPublicKey": "--ssh-key",
}
DEFAULTS = ("profile", "region", "baseDomain", "owner", "team", "costCenter")  # what a context may hold


def options(function: Callable[..., Any]) -> Any:
    """The options that describe a cluster."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_OPTIONS: Sequence[Option] = (
    click.option(
        "--profile", "-p", "profile", metavar="NAME", help="What kind: see `ocpctl profiles`.", shell_complete=profiles
    ),
    click.option("--ttl", "ttlHours", type=Hours(), help="How long it lives: 8h, 2d (the profile's default)."),
    click.option("--workers", "workerReplicas", type=int, metavar="N", help="Worker nodes (the profile's default)."),
    click.option("--version", "version", metavar="RELEASE", help="OpenShift release (the profile's default)."),
    click.option("--region", "region", help="Region (the profile's default)."),
    click.option("--base-domain", "baseDomain", metavar="DOMAIN", help="Where its names are."),
    click.option("--owner", "owner", metavar="EMAIL", help="Whose it is: an e-mail address (your session's)."),
    click.option("--team", "team", help="Who pays (your only team)."),
    click.option("--cost-center", "costCenter", metavar="CODE", help="What it is booked on."),
    click.option(
        "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="On all that it is made of; may be repeated."
    ),
    click.option("--ssh-key", "sshPublicKey", type=_FILE, help="File of a public key."),
    click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help="A field by its name in the API."),
    click.option("-f", "--file", "file", type=_FILE, help="Fields from YAML or JSON, as --dry-run prints; - is stdin."),
)


def request(settings: Settings, name: str | None, words: Mapping[str, Any]) -> dict[str, Any]:
    """Options win over --set, that over the file, that over the context's defaults. Raises Failure."""
    wanted: dict[str, Any] = {key: value for key, value in settings.context.defaults.items() if key in DEFAULTS}
    wanted |= _of_file(words["file"])
    wanted |= _each_once("--set", map(_field, words["fields"]))
    wanted |= {
        key: words[key] for key in OPTIONS if key not in ("name", "tags", "sshPublicKey") and words.get(key) is not None
    }
    wanted |= {"name": name} if name else {}
    if words["tags"]:
        wanted["tags"] = {**wanted.get("tags", {}), **_each_once("--tag", map(_tag, words["tags"]))}
    if words["sshPublicKey"]:
        wanted["sshPublicKey"] = _key(words["sshPublicKey"])
    _check(wanted)
    return _filled_in(settings.api, wanted)


def _check(wanted: Mapping[str, Any]) -> None:
    for field in ("name", "profile"):
        if not wanted.get(field):
            raise Failure(
                Exit.USAGE, f"{OPTIONS[field]} is missing", "ocpctl create NAME -p PROFILE; see `ocpctl profiles`"
            )


def _of_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import yaml  # noqa: PLC0415 - JSON is YAML, too

    name = "stdin" if str(path) == "-" else str(path)
    try:
        found = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        raise Failure(Exit.USAGE, f"{name} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise Failure(
            Exit.USAGE, f"{name} has no fields", "`ocpctl create NAME -p PROFILE --dry-run` prints such a file"
        )
    try:
        return dict(json.loads(json.dumps(found)))
    except (TypeError, ValueError, RecursionError) as error:
        raise Failure(Exit.USAGE, f"{name} holds what JSON has not: {error}", "A date? Write it in quotes") from error


def _text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text()
    except (OSError, ValueError) as error:
        raise Failure(Exit.USAGE, f"{path} cannot be read: {error}") from error


def _key(path: Path) -> str:
    if key := _text(path).strip():
        return key
    raise Failure(Exit.USAGE, f"--ssh-key {path} is empty", "Name the file of a public key, as ~/.ssh/id_ed25519.pub")


def _field(word: str) -> tuple[str, Any]:
    """A value is JSON where it can be read as such, else text."""
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise Failure(Exit.USAGE, f"--set {word} has no {'value' if name else 'field'}", "Write it as FIELD=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _each_once(option: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Failure(Exit.USAGE, f"{option} {key} is said twice", "Which one is meant?")
        found[key] = value
    return found


def _tag(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not (key and equals):
        raise Failure(Exit.USAGE, f"--tag {word} has no {'value' if key else 'key'}", "Write it as KEY=VALUE")
    return key, value


def _filled_in(api: "Api", wanted: dict[str, Any]) -> dict[str, Any]:
    """What must be named, and has only one choice, need not be typed."""
    if not (wanted.get("team") and wanted.get("owner")):
        me = api.get("/me")
        teams = {str(grant["team"]) for grant in me.objects("grants") if grant.get("team")}
        if "@" in str(me.get("sessionName", "")):  # as Identity Center names sessions
            wanted.setdefault("owner", me["sessionName"])
        if len(teams) == 1:
            wanted.setdefault("team", teams.pop())
    if not wanted.get("baseDomain"):
        domains = api.get(f"/profiles/{segment(str(wanted['profile']))}").texts("baseDomains")
        wanted |= {"baseDomain": domains[0]} if len(domains) == 1 else {}
    return wanted


def as_file(wanted: Mapping[str, Any], resolved: Object) -> str:
    """What `--file` takes, with what the profile decided, and the price as a comment."""
    from ocpctl_cli.quoting import dumped  # noqa: PLC0415 - only for those who need it

    hour, hours = micros(resolved, "hourlyCostMicros") / MICROS, resolved.number("ttlHours")
    currency = resolved.get("currency", "USD")
    price = f"# {hour:.2f} {currency} an hour, {hour * hours:.2f} {currency} until its end in {hours} hours\n"
    decided = {key: value for key, value in resolved.items() if key in OPTIONS}
    known = {key: value for key, value in wanted.items() if key not in decided}
    return price + dumped({**decided, **known})
