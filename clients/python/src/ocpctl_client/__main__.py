"""`python -m ocpctl_client sign-in --url URL` prints a token; what goes wrong is said on standard error.

`python -m ocpctl_client extend --url URL` prints a new token of the session of OCPCTL_TOKEN.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError

from ocpctl_client.errors import SignInFailed
from ocpctl_client.signing_in import SignedIn, extend, sign_in


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command; 1 when nobody could be signed in."""
    arguments = parser().parse_args(words)
    try:
        signed_in = arguments.run(arguments)
    except (SignInFailed, BotoCoreError) as error:
        print(f"not signed in: {error}", file=sys.stderr)
        return 1
    print(as_json(signed_in) if arguments.json else signed_in.token)
    return 0


def _sign_in(arguments: argparse.Namespace) -> SignedIn:
    session = boto3.Session(profile_name=arguments.profile)
    return sign_in(arguments.url, session, arguments.region, audience=arguments.audience)


def _extend(arguments: argparse.Namespace) -> SignedIn:
    """A token among the words would stand in the list of processes."""
    if token := os.environ.get("OCPCTL_TOKEN"):
        return extend(arguments.url, token)
    raise SignInFailed("OCPCTL_TOKEN is not set: it holds the token of the session")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="python -m ocpctl_client")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--url", required=True, help="the server, e.g. https://ocpctl.example.com")
    common.add_argument("--json", action="store_true", help="print the whole session, not only its token")
    commands = whole.add_subparsers(required=True)
    command = commands.add_parser("sign-in", parents=[common], help="sign in with AWS credentials")
    command.set_defaults(run=_sign_in)
    command.add_argument("--profile", help="AWS profile (default: boto3's usual search for credentials)")
    command.add_argument("--region", help="region whose STS is asked (default: the session's, if the server takes it)")
    command.add_argument("--audience", help="the server's name for itself, when it is not the origin of --url")
    longer = commands.add_parser("extend", parents=[common], help="a new token of the session of OCPCTL_TOKEN")
    longer.set_defaults(run=_extend)
    return whole


def as_json(signed_in: SignedIn) -> str:
    """The session in the server's own words."""
    return json.dumps(
        {
            "sessionId": signed_in.session_id,
            "token": signed_in.token,
            "expireTime": signed_in.expires_at.isoformat(),
            "principalArn": signed_in.principal_arn,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
