"""Signing in and out, and who one is."""

from typing import Any

import click

from ocpctl_cli import clusters, contexts, sessions
from ocpctl_cli.contexts import FIRST, Context
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.output import Column, say, show, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings, segment


@command("login")
@click.option(
    "--profile", metavar="NAME", default=None, help="AWS profile (default: boto3's usual search for credentials)."
)
@click.option(
    "--audience", metavar="NAME", default=None, help="The server's name for itself, when that is not the URL's."
)
@pass_settings
def login(settings: Settings, profile: str | None, audience: str | None) -> None:
    """Sign in with AWS credentials.

    The session is renewed by itself while the credentials last. The server is kept under the name of --context.
    """
    context = _asked(settings, profile, audience)
    signed_in = sessions.sign_in(context, say)
    try:
        contexts.keep(context)
    except Failure as failure:
        say(f"Note: the server is not kept ({failure.message}): name it with --url or {contexts.URL}.")
    say(f"Signed in to {context.url} as {signed_in.principal_arn}, until {signed_in.expires_at:%Y-%m-%d %H:%M} UTC.")


def _asked(settings: Settings, profile: str | None, audience: str | None) -> Context:
    """What was said, else what is known of this context."""
    content = contexts.all_of_them()
    name = settings.context_name or content.get("current", FIRST)
    known = content.get("contexts", {}).get(name, {})
    url = settings.url or contexts.from_environment() or known.get("url")
    if not url:
        raise Failure(Exit.USAGE, "which server?", "ocpctl login --url https://…")
    return Context(
        name=name,
        url=str(url).rstrip("/"),
        profile=known.get("profile", "") if profile is None else profile,
        audience=known.get("audience", "") if audience is None else audience,
        defaults=known.get("defaults", {}),
    )


@command("logout")
@pass_settings
def logout(settings: Settings) -> None:
    """End the session, here and on the server."""
    if not sessions.is_kept(settings.context):
        say("You are not signed in.")
        return
    try:
        settings.api.change("/auth/sessions/current", method="DELETE")
    except Failure as failure:
        if failure.code is not Exit.SIGN_IN:
            raise
    sessions.forget(settings.context)
    say(f"Signed out of {settings.context.url}.")


@command("whoami")
@pass_settings
def whoami(settings: Settings) -> None:
    """Who you are, and what you may do."""
    me = settings.api.get("/me")
    fields = (
        Column(title="principal", value=clusters.text("principalArn")),
        Column(title="session", value=clusters.text("sessionName")),
        Column(title="server", value=lambda _: settings.context.url),
        Column(title="roles", value=lambda _: ", ".join(map(_grant, me.objects("grants"))) or "none"),
    )
    show_fields(settings.form, me, fields, name="principalArn")


def _grant(grant: dict[str, Any]) -> str:
    where = "all teams" if grant.get("allTeams") else grant.get("team")
    return f"{grant.get('role')} ({where})" if where else str(grant.get("role"))


@command("sessions")
@click.option("--all", "everybody", is_flag=True, help="Of all principals (for platform admins and auditors).")
@click.option("--revoke", metavar="ID", default=None, help="End this session.")
@pass_settings
def list_sessions(settings: Settings, everybody: bool, revoke: str | None) -> None:
    """Sessions that are open; --revoke ends one."""
    if revoke:
        settings.api.change(f"/auth/sessions/{segment(revoke)}", method="DELETE")
        say(f"{revoke} is ended.")
        return
    found = list(settings.api.pages("/auth/sessions", "sessions", allPrincipals=everybody or None))
    columns = (
        Column(title="ID", value=clusters.text("id")),
        Column(title="PRINCIPAL", value=clusters.text("principalArn"), elastic=True),
        Column(title="BEGAN", value=clusters.text("createTime")),
        Column(title="ENDS", value=clusters.text("expireTime")),
    )
    show(settings.form, {"sessions": found}, found, columns)


COMMANDS = {"login": login, "logout": logout, "whoami": whoami, "sessions": list_sessions}
