"""The session of a server: kept in a file of its owner alone, renewed by itself while the AWS credentials last."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ocpctl_cli import files
from ocpctl_cli.contexts import TOKEN, Context, sessions_file
from ocpctl_cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ocpctl_client import SignedIn

_held: dict[str, dict[str, str]] = {}
AWS_HINT = "Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws sso login`"
LEFT = timedelta(minutes=2)  # a call and its retries end within it


def token(context: Context, say: Callable[[str], None], *, anew: bool = False) -> str:
    """A token that can be used now. `anew`: the server refused the one that was had. Raises Failure."""
    if given := os.environ.get(TOKEN):
        if anew:
            raise Failure(Exit.SIGN_IN, f"the token in {TOKEN} is refused", f"Unset {TOKEN}, or renew it")
        return _printable(given.strip())
    kept: Any = _held.get(context.url) or files.read(sessions_file()).get(context.url)
    try:
        left = datetime.fromisoformat(kept["expireTime"]) - datetime.now(tz=UTC)
        living = str(kept["token"])
    except (KeyError, TypeError, ValueError) as error:  # no session, or of a version that writes it in another way
        raise Failure(Exit.SIGN_IN, f"you are not signed in to {context.url}", _how(context)) from error
    if left > LEFT and not anew:
        return living
    return _renewed(context, say, living if left > timedelta() and not anew else None)


def _printable(given: str) -> str:
    if given.isascii() and given.isprintable():
        return given
    raise Failure(Exit.SIGN_IN, f"what is in {TOKEN} is no token: it holds a line break, or no ASCII", f"Unset {TOKEN}")


def _renewed(context: Context, say: Callable[[str], None], living: str | None) -> str:
    """By the token itself while it lives, else by the AWS credentials. One that lives is better than none."""
    if living and (longer := _extended(context, living, say)):
        return longer
    try:
        return sign_in(context, say).token
    except Failure:
        if living:
            return living
        raise


def _extended(context: Context, living: str, say: Callable[[str], None]) -> str | None:
    """None: the session is at the end of its whole life, or the server is away."""
    import ocpctl_client  # noqa: PLC0415

    try:
        longer = ocpctl_client.extend(context.url, living)
    except ocpctl_client.SignInFailed:
        return None
    if longer.expires_at < datetime.now(tz=UTC) + LEFT:
        return None
    _keep(context, longer, say)
    return longer.token


def sign_in(context: Context, say: Callable[[str], None]) -> "SignedIn":
    """Signs in with AWS credentials and keeps the session. Raises Failure; AWAY: try again."""
    import boto3  # noqa: PLC0415 - a third of a second, needed once an hour
    import ocpctl_client  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=context.profile or None)
        signed_in = ocpctl_client.sign_in(context.url, session, audience=context.audience or None)
    except ocpctl_client.ServerAway as error:
        raise Failure(Exit.AWAY, str(error), "Is the address right, and are you online?") from error
    except (ocpctl_client.SignInFailed, BotoCoreError) as error:
        raise Failure(Exit.SIGN_IN, f"not signed in: {error}", _how(context)) from error
    _keep(context, signed_in, say)
    return signed_in


def access_key_id(context: Context) -> str:
    """Of the AWS credentials that sign in. Raises Failure when there are none."""
    import boto3  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        found = boto3.Session(profile_name=context.profile or None).get_credentials()
    except BotoCoreError as error:
        raise Failure(Exit.SIGN_IN, f"AWS credentials: {error}", AWS_HINT) from error
    if found is None:
        raise Failure(Exit.SIGN_IN, "no AWS credentials were found", AWS_HINT)
    return str(found.access_key)


def _keep(context: Context, signed_in: "SignedIn", say: Callable[[str], None]) -> None:
    """In this process for sure, and in the file when it can be written."""
    entry = {
        "token": signed_in.token,
        "expireTime": signed_in.expires_at.isoformat(),
        "principalArn": signed_in.principal_arn,
    }
    _held[context.url] = entry
    try:
        with files.changed(sessions_file()) as content:
            content[context.url] = entry
    except Failure as failure:
        say(f"Note: the session cannot be kept: {failure.message}")


def is_kept(context: Context) -> bool:
    """Whether there is a session, though it may have ended. Raises Failure."""
    return bool(os.environ.get(TOKEN)) or context.url in files.read(sessions_file())


def forget(context: Context) -> None:
    """Here; the server is told by the caller. Raises Failure."""
    _held.pop(context.url, None)
    with files.changed(sessions_file()) as content:
        content.pop(context.url, None)


def _how(context: Context) -> str:
    return f"Sign in: ocpctl login --url {context.url}" + (f" --profile {context.profile}" if context.profile else "")
