"""How the simulated installer speaks to the stand-in. Standard library only: the installer starts fast."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "kubernetes.json"  # beside simulator.json
SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Where it is, whom to trust, and what to say. Raises OSError when it is away."""

    url: str
    authority: str
    token: str

    def credentials(self, infra_id: str) -> dict[str, str]:
        """Authority, certificate and key of a cluster's administrator; they work once it is registered."""
        answer: dict[str, str] = self._call("POST", f"/ocpctl/credentials/{infra_id}", None)
        return answer

    def register(self, infra_id: str, *, workers: int, refuse: bool, stall: bool) -> None:
        """The cluster's create has ended well."""
        self._call("PUT", f"/ocpctl/clusters/{infra_id}", {"workers": workers, "refuse": refuse, "stall": stall})

    def remove(self, infra_id: str) -> None:
        """The cluster is destroyed, or never came to be."""
        self._call("DELETE", f"/ocpctl/clusters/{infra_id}", None)

    def save(self, folder: Path) -> None:
        """Beside simulator.json, for its owner only."""
        path = folder / FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    def _call(self, verb: str, path: str, body: Any) -> Any:
        import ssl  # noqa: PLC0415 - slow to import, and most commands call nobody
        import urllib.request  # noqa: PLC0415

        context = ssl.create_default_context(cadata=self.authority)
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        request = urllib.request.Request(  # noqa: S310 - the URL is the stack's own
            self.url + path,
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
        )
        with direct.open(request, timeout=SECONDS) as answer:
            return json.load(answer)


def load(config: str) -> StandIn:
    """The one of the stack whose simulator.json is `config`."""
    return StandIn(**json.loads(Path(config).with_name(FILE).read_text()))
