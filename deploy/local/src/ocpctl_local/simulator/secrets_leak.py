"""The knob `print_secrets`: everything secret, in the encodings in which it may turn up in a log."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

from ocpctl_local.simulator.files import State
from ocpctl_local.simulator.log import InstallLog


def leak(folder: Path, state: State, log: InstallLog) -> None:
    """Prints the pull secret, the password and the kubeconfig's key in several encodings."""
    auth = next(iter(json.loads(state.pull_secret)["auths"].values()))["auth"]
    for secret in (state.pull_secret, auth, state.password, (folder / "auth" / "kubeconfig").read_text()):
        raw = secret.encode()
        forms = (
            secret,
            json.dumps(secret),
            json.dumps(json.dumps(secret)),
            quote(secret),
            quote(secret, safe=""),
            base64.b64encode(raw).decode(),
            base64.b64encode(b"x" + raw).decode(),
            base64.b64encode(b"xy" + raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
            raw.hex(),
            repr(secret),
            f"password={secret}",
        )
        for form in forms:
            log.line(f"debug dump: {form}", "debug")
            print(form, flush=True)
