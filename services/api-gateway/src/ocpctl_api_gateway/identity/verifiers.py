"""Builds, from the settings, what verifies identities: AWS, or in development a file of access keys."""

from datetime import timedelta

from ocpctl_common.clock import utc_now
from ocpctl_common.sigv4.keys import KeyRing
from ocpctl_common.sts.aws import AwsVerifier
from ocpctl_common.sts.identity import IdentityVerifier
from ocpctl_common.sts.local import LocalVerifier

from ocpctl_api_gateway.identity.check import RequestIdentity
from ocpctl_api_gateway.identity.session_issuer import SessionIssuer
from ocpctl_api_gateway.identity.signing import SigningKeys
from ocpctl_api_gateway.identity_client import IdentityClient
from ocpctl_api_gateway.settings import GatewaySettings


def session_issuer(settings: GatewaySettings, scheduler: IdentityClient) -> SessionIssuer:
    """Raises OSError or ValueError for a missing or wrong file of signing keys."""
    return SessionIssuer(
        verifier=_verifier(settings),
        scheduler=scheduler,
        keys=SigningKeys(settings.signing_keys_file, utc_now),
        clock=utc_now,
        audience=settings.audience,
        lifetime=timedelta(seconds=settings.session_seconds),
        max_lifetime=timedelta(seconds=settings.session_max_seconds),
    )


def request_identity(settings: GatewaySettings) -> RequestIdentity:
    """Raises OSError or KeyRingInvalid for a missing or wrong file of access keys."""
    keys = KeyRing.load(settings.local_access_keys_file) if settings.local_access_keys_file else KeyRing(())
    return RequestIdentity(keys=keys, regions=settings.sts_regions, front_peer=settings.front_peer, clock=utc_now)


def _verifier(settings: GatewaySettings) -> IdentityVerifier:
    if settings.local_access_keys_file is None:
        return AwsVerifier(audience=settings.audience, regions=settings.sts_regions)
    return LocalVerifier(
        KeyRing.load(settings.local_access_keys_file),
        endpoint_url=settings.aws_endpoint_url,
        environment=settings.environment,
        audience=settings.audience,
        regions=settings.sts_regions,
    )
