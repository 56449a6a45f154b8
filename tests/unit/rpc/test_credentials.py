"""Rotation without restart: what is used after the files have changed, and after they have become unusable."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import create_autospec

import grpc
import pytest
from ocpctl_common.clock import utc_now
from ocpctl_common.rpc import credentials
from ocpctl_common.rpc.credentials import BadCertificates, CertificateFetcher, TlsFiles, TlsMaterial
from ocpctl_common.rpc.reloading import ReloadingChannel
from ocpctl_local.tls import certificates
from structlog.testing import capture_logs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All components' certificates."""
    certificates.make(tmp_path)
    return tmp_path


def rotate(folder: Path) -> None:
    certificates.rotate(folder, new_authority_too=False)


def test_the_files_are_read_again_only_when_they_have_changed(folder: Path) -> None:
    files = TlsFiles(folder / "scheduler")
    first = files.current()
    assert first.names == ("scheduler",)
    assert files.current() is first
    rotate(folder)
    assert files.current().certificate != first.certificate
    assert files.current().authorities == first.authorities


def test_a_file_that_is_renamed_into_place_is_seen_as_well(folder: Path) -> None:
    files, own = TlsFiles(folder / "scheduler"), folder / "scheduler"
    bundle = files.current().authorities + TlsFiles(folder / "janitor").current().certificate
    (own / "ca.new").write_bytes(bundle)
    (own / "ca.new").rename(own / "ca.crt")
    assert files.current().authorities == bundle


@pytest.mark.parametrize("days", [-1, 8], ids=["a clock that is slow", "a clock that is fast"])
def test_a_certificate_outside_its_time_is_told_with_the_clock(
    folder: Path, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now() + timedelta(days=days)
    monkeypatch.setattr(credentials, "utc_now", lambda: now)
    with capture_logs() as logs:
        TlsFiles(folder / "scheduler")
    told = [line for line in logs if line["log_level"] == "error"]
    assert [line["clock"] for line in told] == [now.isoformat()]
    assert "set this machine's clock" in told[0]["event"]


@pytest.mark.parametrize("spoil", ["key of another", "half a certificate", "no authorities", "gone"])
def test_unusable_files_leave_the_old_ones_in_use_with_one_warning(folder: Path, spoil: str) -> None:
    files, own = TlsFiles(folder / "scheduler"), folder / "scheduler"
    good = files.current()
    if spoil == "key of another":
        (own / "tls.key").write_bytes((folder / "janitor" / "tls.key").read_bytes())
    elif spoil == "half a certificate":
        (own / "tls.crt").write_bytes(good.certificate[:200])
    elif spoil == "no authorities":
        (own / "ca.crt").write_bytes(b"")
    else:
        (own / "tls.key").unlink()
    with capture_logs() as logs:
        assert files.current() is good
        assert files.current() is good
    assert [entry["log_level"] for entry in logs] == ["warning"]
    rotate(folder)
    if spoil != "gone":
        assert files.current().certificate != good.certificate


@pytest.mark.parametrize("name", ["tls.crt", "tls.key", "ca.crt"])
def test_nothing_good_to_begin_with_is_told_by_name(folder: Path, name: str) -> None:
    (folder / "scheduler" / name).unlink()
    with pytest.raises(BadCertificates, match=f"cannot read .*{name}: No such file"):
        TlsFiles(folder / "scheduler")


def test_a_service_without_certificates_ends_with_a_sentence(tmp_path: Path) -> None:
    program = (
        "from ocpctl_common.service import run; from ocpctl_common.settings import ServiceSettings;"
        "from ocpctl_common.rpc.credentials import TlsFiles;"
        "run('x', ServiceSettings, lambda settings: TlsFiles(settings.tls_dir))"
    )
    for env, words in (
        (
            {"OCPCTL_TLS_DIR": str(tmp_path)},
            f"cannot read {tmp_path}/tls.crt: No such file or directory (OCPCTL_TLS_DIR)",
        ),
        ({}, "OCPCTL_TLS_DIR: Field required"),
    ):
        done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr


def test_only_the_owner_may_read_the_local_keys(folder: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_a_server_is_given_a_new_configuration_once_a_rotation(folder: Path) -> None:
    fetcher = CertificateFetcher(TlsFiles(folder / "scheduler"))
    assert fetcher() is None
    rotate(folder)
    assert isinstance(fetcher(), grpc.ServerCertificateConfiguration)
    assert fetcher() is None
    (folder / "scheduler" / "tls.crt").write_bytes(b"half")
    assert fetcher() is None


class Connections:
    """Makes channels that count; each answers with the certificate that it was made with."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.closed = threading.Event()

    def __call__(self, material: TlsMaterial) -> grpc.Channel:
        channel = create_autospec(grpc.Channel, instance=True)
        channel.unary_unary.return_value = lambda request, timeout=None: (material.certificate, request)
        channel.close.side_effect = self.closed.set
        self.made.append(channel)
        return cast("grpc.Channel", channel)


def test_stubs_stay_and_use_the_current_connection(folder: Path) -> None:
    files, connections = TlsFiles(folder / "janitor"), Connections()
    channel = ReloadingChannel(files, connections)
    method = channel.unary_unary("/s/m", request_serializer=None, response_deserializer=None)
    first = files.current().certificate
    assert [method("a", timeout=1), method("b")] == [(first, "a"), (first, "b")]
    assert len(connections.made) == 1
    assert connections.made[0].unary_unary.call_count == 1
    rotate(folder)
    assert method("c") == (files.current().certificate, "c") != (first, "c")
    assert len(connections.made) == 2
    connections.made[0].close.assert_not_called()  # a call may still run on it
    channel.close()
    assert all(made.close.called for made in connections.made)


def test_the_old_connection_is_closed_after_the_grace(folder: Path) -> None:
    connections = Connections()
    channel = ReloadingChannel(TlsFiles(folder / "janitor"), connections, grace_seconds=0.01)
    rotate(folder)
    channel.current()
    assert connections.closed.wait(10)
    assert connections.made[0].close.called
    assert not connections.made[1].close.called


def test_a_closed_channel_makes_no_connection(folder: Path) -> None:
    connections = Connections()
    channel = ReloadingChannel(TlsFiles(folder / "janitor"), connections)
    channel.close()
    rotate(folder)
    assert channel.current() is connections.made[0]
