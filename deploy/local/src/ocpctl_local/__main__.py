"""`python -m ocpctl_local up|down|status|run|rotate-certificates`: the local stack from the command line."""

import argparse
import os
import shlex
import signal
import sys
import time
from pathlib import Path

from ocpctl_local import state
from ocpctl_local.moto import identity
from ocpctl_local.processes.buildah import NoImages
from ocpctl_local.processes.children import StackFailed
from ocpctl_local.settings import DEFAULT_FOLDER, ROOT, StackSettings
from ocpctl_local.stack import IMAGES, STOP_SECONDS, Stack, add_from, launch, parse_settings, wait_ready
from ocpctl_local.state import FolderInUse
from ocpctl_local.supervision.supervisor import Supervisor

NEXT = """
now:  . {env}
      ocpctl login --profile requester
      ocpctl create demo -p aws-minimal-test --owner user@example.com --cost-center sandbox --watch
`make down` stops everything"""


def up(arguments: argparse.Namespace) -> None:
    """Starts a stack that stays."""
    folder: Path = arguments.folder
    if state.is_running(folder):
        raise StackFailed(f"a stack already runs in {folder}; `make down` stops it")
    settings = StackSettings(folder=folder, from_images=arguments.source == IMAGES)
    process = launch(settings, detached=True)
    try:
        for line in wait_ready(process, folder):
            print(line, flush=True)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            print("\nstopping what has started; this takes some seconds", flush=True)
        process.terminate()
        process.wait(STOP_SECONDS)
        raise
    write_env(Stack(folder))
    print(NEXT.format(env=relative(folder / "env")))


def write_env(stack: Stack) -> None:
    """A file to source: address, command line, and the AWS credentials of the three principals as profiles."""
    lines = [f"export OCPCTL_URL={stack.url}"]
    lines += [f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"]
    lines += [f"export AWS_SHARED_CREDENTIALS_FILE={identity.credentials(stack.folder / 'keys')}"]
    lines += [f"export OCPCTL_AWS={stack.urls['aws']}", f"export OCPCTL_DATABASE='{stack.urls['database']}'"]
    path = stack.folder / "env"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def relative(path: Path) -> Path:
    """The path as one would type it from the clone."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def down(arguments: argparse.Namespace) -> None:
    """Stops the stack, and says when nothing is left of it."""
    folder: Path = arguments.folder
    current = state.read(folder)
    if current is None or not state.is_running(folder):
        print(f"no stack runs in {relative(folder)}")
        return
    os.kill(current.supervisor, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while state.is_running(folder):
        if time.monotonic() > deadline:
            raise StackFailed(f"the stack does not stop; see {folder / 'logs' / 'supervisor.log'}")
        time.sleep(0.1)
    left = [name for name, pid in current.pids.items() if Path(f"/proc/{pid}").exists()]
    if left:
        raise StackFailed(f"still running: {', '.join(left)}")
    print(f"stopped {len(current.pids)} processes; nothing is left")


def status(arguments: argparse.Namespace) -> None:
    """Prints what runs."""
    current = state.read(arguments.folder)
    if current is None or not state.is_running(arguments.folder):
        raise StackFailed(f"no stack runs in {relative(arguments.folder)}; `make up` starts one")
    for name, pid in {"supervisor": current.supervisor, **current.pids}.items():
        print(f"{name:<22} pid {pid}")
    print(f"{'address':<22} {current.urls.get('api', 'not ready yet')}")


def run(arguments: argparse.Namespace) -> None:
    """Runs a stack in the foreground until Ctrl-C."""
    given = arguments.settings
    Supervisor(parse_settings(given) if given else StackSettings(folder=arguments.folder)).run()


def rotate_certificates(arguments: argparse.Namespace) -> None:
    """Replaces all certificates of a running stack; nothing is restarted."""
    if not state.is_running(arguments.folder):
        raise StackFailed(f"no stack runs in {relative(arguments.folder)}; `make up` starts one")
    Stack(arguments.folder).rotate_certificates(new_authority_too=arguments.new_authority)
    print("all components have new certificates")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    main_parser = argparse.ArgumentParser(prog="python -m ocpctl_local", description=__doc__)
    main_parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="folder of the stack")
    commands = main_parser.add_subparsers(required=True)
    for function in (up, down, status, run, rotate_certificates):
        command = commands.add_parser(function.__name__.replace("_", "-"), help=function.__doc__)
        command.set_defaults(function=function)
        if function is up:
            add_from(command)
        if function is run:
            command.add_argument("--settings", help=argparse.SUPPRESS)
        if function is rotate_certificates:
            command.add_argument("--new-authority", action="store_true", help="replace the authority as well")
    return main_parser


def main() -> None:
    """Command line entry."""
    arguments = parser().parse_args()
    try:
        arguments.function(arguments)
    except (StackFailed, FolderInUse, NoImages) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("stopped; nothing is left running")
        sys.exit(130)


if __name__ == "__main__":
    main()
