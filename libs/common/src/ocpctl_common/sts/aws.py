"""Asks AWS STS whose proof it is. Needs no credentials of its own."""

from collections.abc import Collection

import urllib3

from ocpctl_common.clock import Clock, utc_now
from ocpctl_common.errors import Unavailable
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sts.answer import read_answer
from ocpctl_common.sts.identity import CallerIdentity
from ocpctl_common.sts.proof import LoginProof, check_proof, signed_request

SECONDS = 5.0
MAX_BYTES = 64 * 1024


class AwsVerifier:
    """An IdentityVerifier that sends the rebuilt request to STS in the proof's region. Thread-safe."""

    def __init__(
        self, *, audience: str, regions: Collection[str], clock: Clock = utc_now, endpoint_url: str | None = None
    ) -> None:
        """`audience` is this server's own name. `endpoint_url` is where STS is in tests; its host is still signed."""
        self._audience = audience
        self._regions = frozenset(regions)
        self._clock = clock
        self._endpoint_url = endpoint_url
        # Certificates are verified; no proxy of the environment is used; requests go out once and to one place only.
        timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
        self._http = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", timeout=timeout, retries=False)

    def verify(self, proof: LoginProof) -> CallerIdentity:
        """See IdentityVerifier."""
        check_proof(proof, now=self._clock(), regions=self._regions)
        status, body = self._ask(signed_request(proof, self._audience))
        return read_answer(status, body, proof.region)

    def _ask(self, request: HttpRequest) -> tuple[int, bytes]:
        """Status and body of the answer. Raises Unavailable when it does not come or is longer than MOST_BYTES."""
        url = self._endpoint_url or f"https://{request.headers['host']}"
        headers = {**request.headers, "accept": "application/json", "accept-encoding": "identity"}
        try:
            answer = self._http.request(
                request.method,
                url + request.path,
                headers=headers,
                body=request.body,
                redirect=False,
                preload_content=False,
            )
            try:
                body = answer.read(MAX_BYTES + 1, decode_content=False)
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"AWS STS does not answer ({type(error).__name__})") from error
        if len(body) > MAX_BYTES:
            raise Unavailable("AWS STS gave an answer that is not one to GetCallerIdentity")
        return answer.status, body
