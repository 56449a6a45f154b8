"""The schema, one revision after the other, and the roles that use it."""

from pathlib import Path

FOLDER = Path(__file__).parent
ROLES = FOLDER / "roles.sql"
VERSIONS = FOLDER / "versions"
