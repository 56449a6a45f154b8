"""Checks proofs against a key ring: for development, where the AWS endpoint takes any secret and can prove nothing."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from ocpctl_common.clock import Clock, utc_now
from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4.keys import KeyRing, KeyRingInvalid
from ocpctl_common.sigv4.verifying import verify_request
from ocpctl_common.sts.identity import CallerIdentity, login_refused, parse_identity
from ocpctl_common.sts.proof import SERVICE, LoginProof, check_proof, signed_request

PRODUCTION = "production"


class LocalVerifier:
    """An IdentityVerifier that recomputes the signature with the key ring. Thread-safe."""

    def __init__(
        self,
        keyring: KeyRing,
        endpoint_url: str,
        environment: str,
        *,
        audience: str,
        regions: Collection[str],
        clock: Clock = utc_now,
    ) -> None:
        """`endpoint_url` is the services' AWS endpoint. Raises KeyRingInvalid in production or when it is not local."""
        if environment.strip().lower() == PRODUCTION:
            raise KeyRingInvalid(
                "registered access keys are for development: in production sign-ins are checked by AWS STS"
            )
        if not is_loopback(endpoint_url):
            raise KeyRingInvalid(f"registered access keys need an AWS endpoint on this machine, not {endpoint_url!r}")
        self._keyring = keyring
        self._audience = audience
        self._regions = frozenset(regions)
        self._clock = clock

    def verify(self, proof: LoginProof) -> CallerIdentity:
        """See IdentityVerifier."""
        now = self._clock()
        check_proof(proof, now=now, regions=self._regions)
        request = signed_request(proof, self._audience)
        try:
            key = verify_request(request, service=SERVICE, regions=self._regions, keys=self._keyring, now=now)
        except NotAuthenticated as error:
            raise login_refused() from error
        return parse_identity(key.arn, key.user_id, key.account)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself; a name other than localhost never is."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
