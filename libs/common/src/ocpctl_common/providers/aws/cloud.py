"""The AWS account in which clusters live."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import boto3

from ocpctl_common.cloud.session import aws_errors, session
from ocpctl_common.providers.aws.account import CallerAccount
from ocpctl_common.providers.aws.config_file import ConfigFile
from ocpctl_common.providers.aws.orphans import AccountSearch
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.aws.teardown import cluster_credentials, foreign_records, remaining, untagged_resources
from ocpctl_common.providers.cloud import CredentialProblem, Scope

NO_CREDENTIALS = "There are no AWS credentials: the installer would ask for them on a terminal that is none."


class AwsCloud:
    """See Cloud."""

    def __init__(self, session: boto3.Session, account: CallerAccount, clients: Clients) -> None:
        self._session = session
        self._clients = clients
        self.account = account
        self.orphans = AccountSearch(clients)

    @classmethod
    def connect(cls, config: str = "") -> "AwsCloud":
        """With endpoint and credentials of the standard AWS_* variables, or with those of a configuration file."""
        fresh = ConfigFile(config).session if config else session
        aws = fresh()
        return cls(aws, CallerAccount(aws, fresh=fresh), Clients(aws))

    def credential_problems(self) -> Iterator[CredentialProblem]:
        """See Cloud."""
        with aws_errors("the source of credentials"):
            found = self._session.get_credentials()
            if found is None:
                yield CredentialProblem("NoCredentials", NO_CREDENTIALS)
            else:
                self.account.ask()

    def has_temporary_credentials(self) -> bool:
        """See Cloud."""
        with aws_errors("the source of credentials"):
            found = self._session.get_credentials()
            return bool(found and found.get_frozen_credentials().token)

    def remaining(self, scope: Scope) -> Mapping[str, Sequence[str]]:
        """See Cloud."""
        return remaining.find(self._clients, scope)

    def prepare_destroy(self, scope: Scope, check: Callable[[], None]) -> None:
        """See Cloud."""
        untagged_resources.tag(self._clients, scope, check)
        foreign_records.protect(self._clients, scope, check)

    def delete_credentials(self, scope: Scope, check: Callable[[], None]) -> None:
        """See Cloud."""
        cluster_credentials.delete(self._clients, scope, check)
