"""`python -m ocpctl_migrations`: brings the database of OCPCTL_DATABASE_URL to the newest revision.

`python -m ocpctl_migrations roles` prints what a superuser runs once before; other words are Alembic's: `current`,
`history`, `downgrade -1`.
"""

import sys

from alembic.config import main as alembic

from ocpctl_migrations import FOLDER, ROLES


def main() -> None:
    """Ends with 1 and a sentence when the database cannot be used."""
    words = sys.argv[1:] or ["upgrade", "head"]
    if words == ["roles"]:
        sys.stdout.write(ROLES.read_text())
        return
    alembic(["-c", str(FOLDER / "alembic.ini"), *words], prog="python -m ocpctl_migrations")


if __name__ == "__main__":
    main()
