"""The command line. The launcher calls it with `<simulator.json> <version>` and what it was given."""

import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ocpctl_local.simulator.ccoctl import deletion, key_pair, provider, roles
from ocpctl_local.simulator.ccoctl.call import Call, Failed, in_words
from ocpctl_local.simulator.command_line import Parser


def main() -> int:
    """Runs one command; returns the exit code."""
    config, _, *words = sys.argv[1:]
    match words:
        case ["aws", "create-all", *flags]:
            parser = Parser("ccoctl", required=("name", "region", "credentials-requests-dir"), optional=("output-dir",))
            parser.add_argument("--create-private-s3-bucket", action="store_true")
            parser.add_argument("--enable-tech-preview", action="store_true")
            return create_all(parser.read(flags), Path(config))
        case ["aws", "delete", *flags]:
            return delete(Parser("ccoctl", required=("name", "region")).read(flags), Path(config))
    sys.stderr.write(f'Error: unknown command "{" ".join(words[:2])}" for "ccoctl"\n')
    return 1


def create_all(flags: Any, config: Path) -> int:
    """Key pair, bucket, identity provider, roles. What was made before an error stays."""
    call = Call.begin(flags.name, flags.region, config, "ccoctl-create-all")
    folder = Path(flags.output_dir or ".").absolute()
    try:
        made = _provider(call, folder, private=flags.create_private_s3_bucket)
        _roles(call, folder, Path(flags.credentials_requests_dir), made)
    except Failed as error:
        call.say(str(error))
        return call.end(1)
    return call.end(0)


def _provider(call: Call, folder: Path, *, private: bool) -> provider.Provider:
    for each in (folder, folder / "manifests", folder / "tls"):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        key_pair.make(call, folder)
        return provider.make(call, folder, private=private)
    except (ClientError, BotoCoreError, OSError) as error:
        raise Failed(f"Failed to create Identity provider: {in_words(error)}") from error


def _roles(call: Call, folder: Path, requests: Path, made: provider.Provider) -> None:
    try:
        roles.make(call, folder, requests, made)
    except (ClientError, BotoCoreError, OSError) as error:
        raise Failed(f"Failed to process IAM Roles: {in_words(error)}") from error


def delete(flags: Any, config: Path) -> int:
    """Each step by itself: an error is logged, the next one follows, and the exit code is 0."""
    call = Call.begin(flags.name, flags.region, config, "ccoctl-delete")
    for step in deletion.STEPS:
        try:
            step(call)
        except (ClientError, BotoCoreError) as error:
            call.say(in_words(error))
    return call.end(0)


if __name__ == "__main__":
    sys.exit(main())
