"""Connections to a server, through the proxy that the environment names for it."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3


def proxy_of(url: str) -> str | None:
    """Of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, unless NO_PROXY names the server or it is this machine."""
    parts = urlsplit(url)
    if is_this_machine(parts.hostname or "") or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def pool(url: str, *, timeout: float) -> urllib3.PoolManager:
    """Sends each request once, and follows no redirect unless it is told to."""
    if proxy := proxy_of(url):
        return urllib3.ProxyManager(proxy, timeout=timeout, retries=False)
    return urllib3.PoolManager(timeout=timeout, retries=False)


def is_this_machine(host: str) -> bool:
    """Whether nothing leaves this machine on the way to `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
