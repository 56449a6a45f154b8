"""A kubeconfig is read strictly; what is wrong is named without a value."""

import base64
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_installer_runner.cluster_api.kubeconfig import BadKubeconfig, parse, tls
from ocpctl_local.kubernetes import certificates

SECRET = "c2VjcmV0LWtleQ=="  # secret-key
DATA = base64.b64encode(b"pem").decode()


Part = dict[str, Any] | None


def kubeconfig(cluster: Part = None, user: Part = None, changes: Part = None) -> bytes:
    """A good one, but for the changes."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "one",
                "cluster": {"server": "https://api.a.example.com:6443", "certificate-authority-data": DATA}
                | (cluster or {}),
            }
        ],
        "contexts": [{"name": "admin", "context": {"cluster": "one", "user": "admin"}}],
        "current-context": "admin",
        "preferences": {},
        "users": [
            {
                "name": "admin",
                "user": {"client-certificate-data": DATA, "client-key-data": SECRET} if user is None else user,
            }
        ],
    }
    return yaml.safe_dump(document | (changes or {})).encode()


def test_the_current_contexts_access() -> None:
    access = parse(kubeconfig())
    assert (access.server, access.authority) == ("https://api.a.example.com:6443", "pem")
    assert (access.certificate, access.key, access.token) == ("pem", "secret-key", "")
    assert "secret-key" not in repr(access)


def test_the_installer_leaves_version_and_kind_out() -> None:
    document = yaml.safe_load(kubeconfig())
    del document["apiVersion"], document["kind"]
    assert parse(yaml.safe_dump(document).encode()) == parse(kubeconfig())


def test_a_token_will_do() -> None:
    assert parse(kubeconfig(user={"token": "t0ken"})).token == "t0ken"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "no YAML"),
        (b"{", "no YAML"),
        (b"[]", "wrong"),
        (kubeconfig(cluster={"server": "http://api.a.example.com"}), "clusters.0.cluster.server"),
        (kubeconfig(cluster={"server": "https://a b"}), "clusters.0.cluster.server"),
        (kubeconfig(cluster={"insecure-skip-tls-verify": True}), "insecure-skip-tls-verify"),
        (kubeconfig(cluster={"proxy-url": "http://evil"}), "proxy-url"),
        (kubeconfig(cluster={"certificate-authority-data": "%%%"}), "certificate-authority-data"),
        (kubeconfig(user={"exec": {"command": "/bin/sh"}}), "exec"),
        (kubeconfig(user={"client-certificate": "/etc/passwd", "client-key": "/etc/passwd"}), "client-certificate"),
        (kubeconfig(user={"client-key-data": SECRET}), "belong together"),
        (kubeconfig(user={}), "neither"),
        (kubeconfig(changes={"current-context": "another"}), "context"),
        (
            kubeconfig(changes={"contexts": [{"name": "admin", "context": {"cluster": "two", "user": "admin"}}]}),
            "cluster",
        ),
        (kubeconfig(changes={"current-context": None}), "current-context"),
        (kubeconfig(changes={"extensions": []}), "extensions"),
        (kubeconfig(changes={"apiVersion": "v2"}), "apiVersion"),
    ],
)
def test_what_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadKubeconfig, match=told) as caught:
        parse(content)
    assert SECRET not in str(caught.value)
    assert "secret-key" not in str(caught.value)


def test_the_key_does_not_stay_on_disk(tmp_path: Path) -> None:
    files = certificates.prepare(tmp_path / "authority")
    certificate, key = certificates.administrator(files, "one-abcde")
    data = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
    authority = {"certificate-authority-data": encoded(files.authority.read_text())}
    folder = tmp_path / "attempt"
    folder.mkdir()
    context = tls(parse(kubeconfig(cluster=authority, user=data)), folder)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) == 1, "nobody but the cluster's own authority is trusted"
    assert list(folder.iterdir()) == []


def test_unreadable_certificates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadKubeconfig, match="cannot be read"):
        tls(parse(kubeconfig()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
