"""`python -m ocpctl_common.profiles check FOLDER`: says what is wrong with a folder of profiles, a line a problem."""

import argparse
import sys
from pathlib import Path

from ocpctl_common.profiles.catalogue import CatalogueError, load_catalogue


def main() -> None:
    """Ends with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m ocpctl_common.profiles", description=__doc__)
    check = parser.add_subparsers(required=True).add_parser("check", help="what is wrong with a folder of profiles")
    check.add_argument("folder", type=Path, help="folder with a YAML file for each profile")
    try:
        profiles = load_catalogue(parser.parse_args().folder).profiles
    except CatalogueError as error:
        sys.exit(str(error))
    for name, profile in profiles.items():
        sys.stdout.write(f"{name}: {profile.display_name}{'' if profile.is_offered else ' (disabled)'}\n")


if __name__ == "__main__":
    main()
