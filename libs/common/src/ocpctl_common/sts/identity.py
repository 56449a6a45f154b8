"""The identity that a proof proves, in one form for every kind of credentials. Pure."""

import re
from dataclasses import dataclass
from typing import Protocol

from ocpctl_common.errors import NotAuthenticated, NotPermitted
from ocpctl_common.sts.proof import LoginProof

_NAME = r"[A-Za-z0-9_+=,.@-]"
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):(iam|sts)::([0-9]{12}):([!-~]{1,2048})")
_USER = re.compile(rf"user/([!-~]{{1,510}}/)?{_NAME}{{1,64}}")
_USER_ID = re.compile(r"AIDA[A-Z0-9]{8,124}")
_SESSION = re.compile(rf"assumed-role/({_NAME}{{1,64}})/({_NAME}{{2,64}})")
_ROLE_ID = re.compile(r"AROA[A-Z0-9]{8,124}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentity:
    """A user or a role. A role's session is the role; `session_name` says which session, empty for a user.

    `unique_id` is AWS's own (AIDA… or AROA…): who is created anew under an old name has another.
    """

    arn: str
    account: str
    unique_id: str
    session_name: str


class IdentityVerifier(Protocol):
    """Says whose proof it is."""

    def verify(self, proof: LoginProof) -> CallerIdentity:
        """The identity behind a proof for this server's audience.

        Raises InvalidRequest (a malformed field), NotAuthenticated (REQUEST_EXPIRED, LOGIN_REFUSED,
        IDENTITY_INCONSISTENT), NotPermitted (PRINCIPAL_KIND_REFUSED), Unavailable.
        """


def login_refused(sentence: str = "") -> NotAuthenticated:
    """The proof's signature is not this key's for this login."""
    detail = sentence or "check your AWS credentials, start a new login and sign it for this server"
    return NotAuthenticated(f"the login is refused: {detail}", reason="LOGIN_REFUSED")


def parse_identity(arn: str, user_id: str, account: str) -> CallerIdentity:
    """The answer of GetCallerIdentity in one form: a session's ARN becomes its role's, without the role's path.

    Raises NotPermitted (PRINCIPAL_KIND_REFUSED) for who is neither, NotAuthenticated when the parts disagree.
    """
    match = _ARN.fullmatch(arn)
    if not match:
        raise _refused("this kind of principal")
    partition, service, owner, resource = match.groups()
    if owner != account:
        raise _inconsistent("account and ARN")
    if service == "iam" and _USER.fullmatch(resource):
        return _user(arn, user_id, account)
    if service == "sts" and (session := _SESSION.fullmatch(resource)):
        return _role(f"arn:{partition}:iam::{account}:role/{session[1]}", session[2], user_id, account)
    raise _refused(_kind(service, resource))


def _user(arn: str, user_id: str, account: str) -> CallerIdentity:
    if not _USER_ID.fullmatch(user_id):
        raise _inconsistent("unique id and ARN")
    return CallerIdentity(arn=arn, account=account, unique_id=user_id, session_name="")


def _role(arn: str, session_name: str, user_id: str, account: str) -> CallerIdentity:
    unique_id, _, session = user_id.partition(":")
    if not _ROLE_ID.fullmatch(unique_id) or session != session_name:
        raise _inconsistent("unique id and ARN")
    return CallerIdentity(arn=arn, account=account, unique_id=unique_id, session_name=session_name)


def _kind(service: str, resource: str) -> str:
    kinds = {("iam", "root"): "the root user", ("sts", "federated-user"): "a federated user"}
    return kinds.get((service, resource.partition("/")[0]), "this kind of principal")


def _refused(kind: str) -> NotPermitted:
    sentence = f"{kind} may not sign in: use an IAM user or a role's session (Identity Center users are such)"
    return NotPermitted(sentence, reason="PRINCIPAL_KIND_REFUSED")


def _inconsistent(what: str) -> NotAuthenticated:
    return NotAuthenticated(f"the login is refused: {what} disagree in AWS's answer", reason="IDENTITY_INCONSISTENT")
