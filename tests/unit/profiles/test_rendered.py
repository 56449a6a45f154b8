"""What is accepted means the same to the installer as to us, and passes what the installer and AWS check.

`RENDERED=n` looks at so many requests, `SEED=n` at others.
"""

import base64
import os
import random
import string
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ocpctl_common.errors import OcpctlError
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.render import Identity, as_text, render_install_config, user_tags
from ocpctl_common.profiles.ssh_keys import is_public_key
from ocpctl_local.settings import ROOT
from ocpctl_local.simulator import go_yaml, rules

CATALOGUE = load_catalogue(ROOT / "profiles")
MANY = int(os.environ.get("RENDERED", "10000"))
SEED = int(os.environ.get("SEED", "1"))
IDENTITY = Identity(cluster_id="clu_1", attempt_id="att_1")
PULL_SECRET = '{"auths":{"r":{"auth":"dTpw"}}}'
# fmt: off
WORDS = [
    "y", "Y", "n", "N", "yes", "no", "on", "off", "true", "false", "null", "08", "010", "0o7", "0x1F", "0b1",
    "1e3", "1E3", "1_000", "1.0", "2026-11-26", "1.2.3", "inf", "nan", "e1", "a",
]
# fmt: on
LABEL = string.ascii_letters + string.digits + "._-"
TAG = string.ascii_letters + string.digits + " _.:/=+@-"


@cache
def keys() -> tuple[str, ...]:
    """Real ones, of every kind."""
    made: tuple[Any, ...] = (
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
        *(ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)),
    )
    return tuple(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() for key in made)


def damaged(chance: random.Random, key: str) -> str:
    """It looks like a key."""
    kind, _, blob = key.partition(" ")
    raw = bytearray(base64.b64decode(blob))
    match chance.randrange(5):
        case 0:
            del raw[chance.randrange(len(raw)) :]
        case 1:
            # In what says what follows, and how long it is; a point of a curve has no bit that may be another one.
            raw[chance.randrange(len(raw) if kind.startswith("ecdsa") else 23)] ^= 1 << chance.randrange(8)
        case 2:
            raw += b"\0"
        case 3:
            return f"{key}="
        case _:
            kind = chance.choice(["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-dss"])
    return f"{kind} {base64.b64encode(raw).decode()}"


def word(chance: random.Random, letters: str, limit: int) -> str:
    """Short, or one that a reader of YAML may take for something else."""
    if chance.random() < 0.3:
        return chance.choice(WORDS)
    return "".join(chance.choice(letters) for _ in range(chance.randint(1, limit)))


def request(chance: random.Random) -> CreateRequest:
    """What somebody may ask for; most of it is accepted."""
    tags = {word(chance, TAG, 3): word(chance, TAG, 3) for _ in range(chance.randrange(6))}
    key = chance.choice(keys()) if chance.random() < 0.5 else ""
    return CreateRequest(
        name=word(chance, string.ascii_lowercase + string.digits + "-", 3),
        profile=chance.choice(["aws-minimal-test", "aws-standard"]),
        base_domain="labs.example.com",
        owner=f"{word(chance, LABEL + '+%', 4)}@{chance.choice(['a.b', '1.08', 'y.no'])}",
        team=word(chance, LABEL, 3),
        cost_center=word(chance, LABEL, 3),
        ssh_public_key=damaged(chance, key) if key and chance.random() < 0.3 else key,
        tags=tags,
    )


def test_what_is_accepted_means_the_same_to_every_reader() -> None:
    chance, accepted = random.Random(SEED), 0
    while accepted < MANY:
        try:
            spec = resolve(request(chance), CATALOGUE)
        except OcpctlError:
            continue
        accepted += 1
        meant = render_install_config(spec, IDENTITY, pull_secret=PULL_SECRET)
        read = go_yaml.load(as_text(meant))
        assert read == meant, spec
        assert list(rules.problems(read)) == [], spec
        assert read["platform"]["aws"]["userTags"] == user_tags(spec, IDENTITY)


def test_a_key_is_accepted_when_it_is_one() -> None:
    chance = random.Random(SEED)
    assert all(is_public_key(key) and is_public_key(f"{key} a comment") for key in keys())
    for _ in range(MANY):
        line = damaged(chance, chance.choice(keys()))
        if is_public_key(line):
            assert list(rules.problems(_config(line))) == [], line


def _config(key: str) -> dict[str, object]:
    return {"metadata": {"name": "a"}, "platform": {"aws": {}}, "sshKey": key}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-rsa",
        "ssh-rsa AAAA",
        "ssh-ed25519 " + "A" * 68,
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ" + "C" * 170,
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_what_only_looks_like_a_key_is_none(line: str) -> None:
    assert not is_public_key(line)
    assert not is_public_key(f"{keys()[0]}\n{line}")


def test_a_short_rsa_key_is_refused_here_since_no_node_takes_it() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that it is short is the point
    short = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert not is_public_key(short.decode())


def test_a_file_that_is_not_ascii_is_never_written() -> None:
    with pytest.raises(ValueError, match="only ASCII"):
        as_text({"a": "\N{SNOWMAN}"})
