"""`python -m ocpctl_client sign-in --url URL` prints a token; what goes wrong is said on standard error."""

import argparse
import json
import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError

from ocpctl_client.errors import SignInFailed
from ocpctl_client.sign_in import SignedIn, sign_in


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command; 1 when nobody could be signed in."""
    arguments = parser().parse_args(words)
    try:
        session = boto3.Session(profile_name=arguments.profile)
        signed_in = sign_in(arguments.url, session, arguments.region, audience=arguments.audience)
    except (SignInFailed, BotoCoreError) as error:
        print(f"not signed in: {error}", file=sys.stderr)
        return 1
    print(as_json(signed_in) if arguments.json else signed_in.token)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="python -m ocpctl_client")
    command = whole.add_subparsers(required=True).add_parser("sign-in", help="sign in with AWS credentials")
    command.add_argument("--url", required=True, help="the server, e.g. https://ocpctl.example.com")
    command.add_argument("--profile", help="AWS profile (default: boto3's usual search for credentials)")
    command.add_argument("--region", help="region whose STS is asked (default: the session's, if the server takes it)")
    command.add_argument("--audience", help="the server's name for itself, when it is not the origin of --url")
    command.add_argument("--json", action="store_true", help="print the whole session, not only its token")
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
