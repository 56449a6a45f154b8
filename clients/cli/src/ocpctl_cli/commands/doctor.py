"""What is wrong between this machine and the server."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from urllib.parse import urlsplit

import click
import urllib3
from ocpctl_client import connecting

from ocpctl_cli import contexts, sessions
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.output import safe
from ocpctl_cli.settings import Settings, command, pass_settings

SECONDS = 10.0
CLOCK_SECONDS = 60.0  # the server takes five minutes for a sign-in


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at; `advice` is empty when all is well."""

    what: str
    seen: str
    advice: str = ""


@command("doctor")
@pass_settings
def doctor(settings: Settings) -> int:
    """Look at server, session, clock, credentials and tools. Ends with 1 when something is wrong."""
    wrong = 0
    for look in LOOKS:
        for found in _looked(look, settings):
            wrong += bool(found.advice)
            click.echo(f"{'WRONG' if found.advice else 'ok   '}  {found.what}: {safe(found.seen)}")
            if found.advice:
                click.echo(f"       {found.advice}")
    return Exit.FAILED if wrong else Exit.OK


def _looked(look: "Look", settings: Settings) -> list[Found]:
    try:
        return list(look(settings))
    except Failure as failure:
        return [Found(look.__name__.strip("_"), failure.message, failure.hint or "See --debug.")]


def _client(settings: Settings) -> Iterator[Found]:
    yield Found("client", f"ocpctl {version('ocpctl-cli')}, configuration {contexts.config_file()}")
    if proxy := connecting.proxy_of(settings.api.context.url):  # raises Failure where it is no address
        yield Found("proxy", f"the server is reached through {urlsplit(proxy).hostname}")


def _asked(settings: Settings) -> urllib3.BaseHTTPResponse:
    try:
        with connecting.pool(settings.api.context.url, timeout=SECONDS) as http:
            return http.request("GET", f"{settings.context.url}/openapi.json", redirect=False)
    except urllib3.exceptions.HTTPError as error:
        advice = (
            "Is the address right? Is a VPN needed? Is the authority of its certificate known here (SSL_CERT_FILE)?"
        )
        raise Failure(Exit.AWAY, f"{settings.context.url}: {error}", advice) from error


def _server(settings: Settings) -> Iterator[Found]:
    answer = _asked(settings)
    title = ""
    try:
        title = str(answer.json()["info"]["title"])
    except (ValueError, KeyError, TypeError):
        yield Found("server", settings.context.url, f"It answered {answer.status}, but it is no ocpctl: check the URL.")
        return
    yield Found("server", f"{settings.context.url} is {title}")
    if date := answer.headers.get("date"):
        ahead = (datetime.now(tz=UTC) - parsedate_to_datetime(date)).total_seconds()
        advice = "AWS and the server refuse sign-ins with a wrong clock: set it." if abs(ahead) > CLOCK_SECONDS else ""
        yield Found("clock", f"{ahead:+.0f} s beside the server's", advice)


def _session(settings: Settings) -> Iterator[Found]:
    me = settings.api.get("/me")
    yield Found("session", f"{me.get('principalArn')}, kept in {contexts.sessions_file()}")
    roles = [grant.get("role") for grant in me.objects("grants")]
    advice = "" if roles else "A platform admin gives roles: ocpctl admin mappings add"
    yield Found("roles", ", ".join(map(str, roles)) or "none", advice)


def _credentials(settings: Settings) -> Iterator[Found]:
    if os.environ.get(contexts.TOKEN):
        yield Found("credentials", f"{contexts.TOKEN} is used; AWS is not asked")
        return
    yield Found("credentials", f"AWS access key {sessions.access_key_id(settings.context)}")


def _tools(_: Settings) -> Iterator[Found]:
    found = [name for name in ("oc", "kubectl") if shutil.which(name)]
    yield Found(
        "tools", ", ".join(found) or "neither oc nor kubectl", "" if found else "Install one of them to use clusters."
    )


Look = Callable[[Settings], Iterator[Found]]
LOOKS: tuple[Look, ...] = (_client, _server, _session, _credentials, _tools)
COMMANDS = {"doctor": doctor}
