"""The schema that services wait for is the newest that the migrations make."""

from ocpctl_common.store import schema
from ocpctl_local.settings import ROOT

VERSIONS = ROOT / "migrations" / "src" / "ocpctl_migrations" / "versions"


def test_services_wait_for_the_newest_schema() -> None:
    newest = max(path.name for path in VERSIONS.glob("0*.py"))
    assert newest.startswith(f"{schema.NEEDED}_")
