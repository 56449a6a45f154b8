"""The proxy that the environment names, and none to this machine."""

import pytest
import urllib3
from ocpctl_client.connecting import pool, proxy_of

PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("name", "url", "proxy"),
    [
        ("HTTPS_PROXY", "https://ocpctl.example.com", PROXY),
        ("https_proxy", "https://ocpctl.example.com:8443/x", PROXY),
        ("ALL_PROXY", "https://ocpctl.example.com", PROXY),
        ("HTTP_PROXY", "https://ocpctl.example.com", None),
        ("HTTP_PROXY", "http://localhost:8080", None),
        ("ALL_PROXY", "http://127.0.0.1:8080", None),
        ("ALL_PROXY", "http://[::1]:8080", None),
    ],
)
def test_which(monkeypatch: pytest.MonkeyPatch, name: str, url: str, proxy: str | None) -> None:
    monkeypatch.setenv(name, PROXY)
    assert proxy_of(url) == proxy
    assert isinstance(pool(url, timeout=1.0), urllib3.ProxyManager) == (proxy is not None)
    monkeypatch.setenv("NO_PROXY", ".example.com")
    assert proxy_of(url) is None
