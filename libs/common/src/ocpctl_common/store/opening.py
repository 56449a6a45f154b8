"""Opens the database that a service's settings name."""

from ocpctl_common.cloud.database_tokens import DatabaseTokens
from ocpctl_common.cloud.session import session
from ocpctl_common.database_settings import DatabaseSettings
from ocpctl_common.store.engine import Database, make_engine


def open_database(settings: DatabaseSettings, *, pool_size: int, application_name: str) -> Database:
    """Connects to nothing yet. Where tokens are wanted and no region is set, the platform's library raises."""
    passwords = DatabaseTokens(session()) if settings.database_iam_auth else None
    return make_engine(
        settings.database_url, pool_size=pool_size, application_name=application_name, passwords=passwords
    )
