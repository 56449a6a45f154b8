"""Scaling over real HTTPS: the runner's side against the stand-in, with client certificates that are really checked."""

import base64
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from ocpctl_common.lifecycle.states import RunMode
from ocpctl_installer_runner import worker_scaling
from ocpctl_installer_runner.cluster_api.kubeconfig import parse
from ocpctl_installer_runner.cluster_api.machine_sets import ApiUnavailable, MachineSet, MachineSets
from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunStopped
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.lease_messages import ProgressUpdate, RequestHeader
from ocpctl_installer_runner.run import Run, with_context
from ocpctl_installer_runner.run_context import RunContext
from ocpctl_local.kubernetes import certificates, server
from ocpctl_local.kubernetes.certificates import Files
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.processes.ports import free_ports

from tests.unit.granted import grant, outputs

ONE = "one-abcde"
_names = itertools.count()


@dataclass
class Api:
    """A running stand-in."""

    files: Files
    stand_in: StandIn

    def kubeconfig(self, infra_id: str = ONE) -> bytes:
        """As the simulated installer writes it."""
        pems = self.stand_in.credentials(infra_id).items()
        data = {name: base64.b64encode(pem.encode()).decode() for name, pem in pems}
        cluster = {"server": self.stand_in.url, "certificate-authority-data": data["authority"]}
        user = {"client-certificate-data": data["certificate"], "client-key-data": data["key"]}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        return yaml.safe_dump(document).encode()

    def install(self, infra_id: str = ONE, workers: int = 3, *, refuse: bool = False, stall: bool = False) -> None:
        """A cluster's create has ended."""
        self.stand_in.register(infra_id, workers=workers, refuse=refuse, stall=stall)

    def machine_sets(self, folder: Path, infra_id: str = ONE) -> MachineSets:
        """The cluster's administrator."""
        own = folder / f"client-{next(_names)}"
        own.mkdir()
        return MachineSets(parse(self.kubeconfig(infra_id)), own)

    def replicas(self, folder: Path) -> list[tuple[int, int]]:
        """Wanted and ready machines of each set."""
        with self.machine_sets(folder) as found:
            return [(item.replicas, item.ready) for item in found.workers()]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Api:
    files = certificates.prepare(tmp_path_factory.mktemp("kubernetes") / "authority")
    port = free_ports(1)[0]
    server.start(port, files)
    url = f"https://127.0.0.1:{port}"
    return Api(files, StandIn(url=url, authority=files.authority.read_text(), token=files.token.read_text()))


@dataclass
class Lease:
    """Holds until told otherwise; `on_check` happens before each check."""

    error: Exception | None = None
    on_check: Callable[[], None] = lambda: None

    def check(self) -> None:
        self.on_check()
        if isinstance(self.error, LeaseLost):
            raise self.error

    def check_wanted(self) -> None:
        self.on_check()
        if self.error:
            raise self.error


@dataclass
class Told:
    """What the scheduler was told."""

    events: list[ProgressUpdate] = field(default_factory=list)

    def progress(self, header: RequestHeader, update: ProgressUpdate) -> None:
        self.events.append(update)


def scale_run(api: Api, folder: Path, replicas: int, *, lease: Lease | None = None, seconds: float = 20) -> Run:
    """A granted SCALE run."""
    granted = grant(
        attempt_id=f"att_{next(_names)}",
        mode=RunMode.SCALE,
        worker_replicas=replicas,
        deadline_seconds=seconds,
        outputs=outputs(kubeconfig_version_id="v7"),
    )
    settings: Any = SimpleNamespace(work_dir=folder, runner_id="r", scale_poll_seconds=0.05)
    artifacts = SimpleNamespace(get=lambda uri, version, *, sha256, limit: api.kubeconfig())
    dependencies: Any = SimpleNamespace(artifacts=artifacts, port=Told())
    context = RunContext(grant=granted, spec=cast("Any", None), settings=settings)
    return with_context(context, cast("Any", lease or Lease()), dependencies, KnownSecrets())


def events(run: Run) -> list[tuple[int, str]]:
    told = cast("Told", run.dependencies.port).events
    return [(event.percent, event.message) for event in told]


def test_workers_come_and_go(api: Api, tmp_path: Path) -> None:
    api.install(workers=1)
    up = scale_run(api, tmp_path, 4)
    worker_scaling.scale(up)
    assert api.replicas(tmp_path) == [(2, 2), (2, 2)]
    percents = [percent for percent, _ in events(up)]
    assert percents == sorted(percents)
    assert events(up)[-1][1] == "4 workers are ready, 4 are wanted."
    worker_scaling.scale(scale_run(api, tmp_path, 1))
    assert api.replicas(tmp_path) == [(1, 1), (0, 0)]


def test_done_twice_it_is_done_once(api: Api, tmp_path: Path) -> None:
    """A takeover begins again: what is as it should be is not touched."""
    api.install(workers=1)
    worker_scaling.scale(scale_run(api, tmp_path, 3))
    with api.machine_sets(tmp_path) as found:
        before = found.workers()
        worker_scaling.scale(scale_run(api, tmp_path, 3))
        assert found.workers() == before


def test_machines_that_never_become_ready_end_it_with_a_sentence(api: Api, tmp_path: Path) -> None:
    api.install(workers=1, stall=True)
    with pytest.raises(RunFailed) as caught:
        worker_scaling.scale(scale_run(api, tmp_path, 3, seconds=0.3))
    assert caught.value.failure_class == "SCALE"
    assert "1 workers are ready, 3 are wanted" in caught.value.message


def test_a_refusal_ends_it_at_once(api: Api, tmp_path: Path) -> None:
    api.install(refuse=True)
    with pytest.raises(RunFailed, match="HTTP 403, Forbidden"):
        worker_scaling.scale(scale_run(api, tmp_path, 5))
    assert api.replicas(tmp_path) == [(2, 2), (1, 1)]


def test_a_destroyed_cluster_lets_nobody_in(api: Api, tmp_path: Path) -> None:
    api.install()
    api.stand_in.remove(ONE)
    with pytest.raises(RunFailed, match="HTTP 401"):
        worker_scaling.scale(scale_run(api, tmp_path, 5))


def test_an_api_that_is_away_is_waited_for(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api.install(workers=1)
    real, fails = MachineSets.workers, iter([True, True])

    def workers(self: MachineSets) -> list[MachineSet]:
        if next(fails, False):
            raise ApiUnavailable("HTTP 503")
        return real(self)

    monkeypatch.setattr(MachineSets, "workers", workers)
    worker_scaling.scale(scale_run(api, tmp_path, 2))
    monkeypatch.undo()
    assert api.replicas(tmp_path) == [(1, 1), (1, 1)]


def test_an_api_that_never_answers_ends_it(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: MachineSets) -> list[MachineSet]:
        raise ApiUnavailable("HTTP 503")

    monkeypatch.setattr(MachineSets, "workers", away)
    with pytest.raises(RunFailed, match="did not answer"):
        worker_scaling.scale(scale_run(api, tmp_path, 2, seconds=0.2))


@pytest.mark.parametrize("error", [RunStopped(), LeaseLost()])
def test_a_run_that_may_not_go_on_changes_nothing_more(api: Api, tmp_path: Path, error: Exception) -> None:
    """The lease is lost between reading and changing."""
    api.install(workers=1)
    lease = Lease()
    checks = itertools.count()

    def lose_at_the_third() -> None:
        if next(checks) == 3:  # progress, before reading, progress, before changing
            lease.error = error

    lease.on_check = lose_at_the_third
    with pytest.raises(type(error)):
        worker_scaling.scale(scale_run(api, tmp_path, 3, lease=lease))
    assert api.replicas(tmp_path) == [(1, 1), (0, 0)]


def test_a_set_that_was_changed_meanwhile_is_not_overwritten(api: Api, tmp_path: Path) -> None:
    """What a runner does that slept through the loss of its lease, between its check and its change."""
    api.install(workers=2)
    with api.machine_sets(tmp_path) as old, api.machine_sets(tmp_path) as new:
        seen = old.workers()[0]
        assert new.set_replicas(new.workers()[0], 5)
        assert not old.set_replicas(seen, 9)
        assert new.workers()[0].replicas == 5


def test_a_certificate_opens_its_own_cluster_only(api: Api, tmp_path: Path) -> None:
    api.install(ONE, workers=1)
    api.install("two-abcde", workers=6)
    with api.machine_sets(tmp_path, "two-abcde") as found:
        assert [item.name for item in found.workers()] == ["two-abcde-worker-us-east-1a", "two-abcde-worker-us-east-1b"]
    with api.machine_sets(tmp_path, "not-there") as found, pytest.raises(RunFailed, match="401"):
        found.workers()


def test_another_authoritys_server_is_not_trusted(api: Api, tmp_path: Path) -> None:
    other = certificates.prepare(tmp_path / "other")
    config = yaml.safe_load(api.kubeconfig())
    foreign = base64.b64encode(other.authority.read_bytes()).decode()
    config["clusters"][0]["cluster"]["certificate-authority-data"] = foreign
    with (
        MachineSets(parse(yaml.safe_dump(config).encode()), tmp_path) as found,
        pytest.raises(RunFailed, match="does not trust"),
    ):
        found.workers()


def test_only_the_installer_registers(api: Api) -> None:
    stranger = StandIn(url=api.stand_in.url, authority=api.stand_in.authority, token="guessed")
    with pytest.raises(OSError, match="401"):
        stranger.register(ONE, workers=1, refuse=False, stall=False)


def test_clusters_outlive_the_process(api: Api, tmp_path: Path) -> None:
    api.install(workers=2)
    port = free_ports(1)[0]
    server.start(port, api.files)
    url = api.stand_in.url
    api.stand_in = StandIn(url=f"https://127.0.0.1:{port}", authority=api.stand_in.authority, token=api.stand_in.token)
    assert api.replicas(tmp_path) == [(1, 1), (1, 1)]
    api.stand_in = StandIn(url=url, authority=api.stand_in.authority, token=api.stand_in.token)


@pytest.mark.parametrize(
    ("wanted", "sets", "goals"),
    [
        (5, ("b", "a"), {"a": 3, "b": 2}),
        (1, ("c", "a", "b"), {"a": 1, "b": 0, "c": 0}),
        (0, ("a",), {"a": 0}),
        (0, (), {}),
    ],
)
def test_workers_are_spread_evenly_and_always_the_same(wanted: int, sets: tuple[str, ...], goals: Any) -> None:
    found = [MachineSet(name=name, version="1", replicas=0, ready=0) for name in sets]
    assert worker_scaling.distribute(wanted, found) == goals


def test_without_a_set_there_can_be_no_workers() -> None:
    with pytest.raises(RunFailed, match="no machine sets"):
        worker_scaling.distribute(1, [])


def test_the_key_is_masked_in_whatever_is_told(api: Api, tmp_path: Path) -> None:
    api.install()
    run = scale_run(api, tmp_path, 3)
    content = api.kubeconfig()
    run.dependencies.artifacts.get = lambda *words, **more: content  # type: ignore[method-assign]
    worker_scaling.scale(run)
    key = parse(content).key
    assert key.splitlines()[1] not in run.secrets.redact(f"the key is {key}")
    assert run.secrets.redact(content.decode()).count("data") == 0


def test_the_percentage_of_a_run_never_falls(api: Api, tmp_path: Path) -> None:
    run = scale_run(api, tmp_path, 1)
    for percent, message in ((10, "a"), (45, "b"), (30, "c"), (60, "d")):
        run.reporter.progress("stage", percent, message)
    assert events(run) == [(10, "a"), (45, "b"), (45, "c"), (60, "d")]
