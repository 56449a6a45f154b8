"""The services of a stack as data: what to start, with which settings, and how to see that it is ready."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ocpctl_common.rpc.peers import GATEWAY, JANITOR, RUNNER, SCHEDULER

from ocpctl_local import aws, identity
from ocpctl_local.aws import AwsResources
from ocpctl_local.postgres import Postgres
from ocpctl_local.settings import ROOT, StackSettings

PORT_NAMES = (
    "postgres",
    "aws",
    "kubernetes",
    "kubernetes_ready",
    "envoy",
    "envoy_admin",
    "envoy_front",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A process that is started again when it crashes. `ready_url` answers 200 when it works."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str


def services(
    settings: StackSettings, ports: Mapping[str, int], database: Postgres, resources: AwsResources
) -> list[Component]:
    """All services in the order of their start."""
    common = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(settings.folder),
        "PYTHONFAULTHANDLER": "1",  # where a service hangs that does not end when it is told to
        "GRPC_VERBOSITY": "NONE",  # or its core writes lines of its own about every failed handshake
        "OCPCTL_LOG_LEVEL": settings.log_level,
        "OCPCTL_CONNECTION_SECONDS": str(settings.connection_seconds),
        **({"OCPCTL_OTLP_ENDPOINT": f"127.0.0.1:{settings.otlp_port}"} if settings.otlp_port else {}),
    }
    return [
        _kubernetes(settings, ports),
        *(_scheduler(settings, ports, database, resources, common, end) for end in ends(settings.schedulers)),
        *(_gateway(settings, ports, database, resources, common, end) for end in ends(settings.gateways)),
        *(_runner(settings, ports, resources, common, number) for number in range(1, settings.runners + 1)),
        *(_janitor(settings, ports, database, resources, common, end) for end in ends(settings.janitors)),
    ]


def ends(copies: int) -> list[str]:
    """How the names of a service's copies end: the first has the plain name, then -2, -3 and so on."""
    return ["", *(f"-{number}" for number in range(2, copies + 1))]


def _schedulers(settings: StackSettings, ports: Mapping[str, int]) -> str:
    """The target of all schedulers."""
    addresses = [f"127.0.0.1:{ports[f'scheduler{end}']}" for end in ends(settings.schedulers)]
    return addresses[0] if len(addresses) == 1 else f"ipv4:{','.join(addresses)}"


def _scheduler_times(settings: StackSettings) -> dict[str, str]:
    times = settings.times
    return {
        "OCPCTL_LEASE_SECONDS": str(times.lease),
        "OCPCTL_HEARTBEAT_SECONDS": str(times.heartbeat),
        "OCPCTL_TRUST_SECONDS": str(times.trust),
        "OCPCTL_KILL_SECONDS": str(times.kill),
        "OCPCTL_QUARANTINE_SECONDS": str(times.quarantine),
        "OCPCTL_CLAIM_SECONDS": str(times.claim),
        "OCPCTL_BACKOFF_UNIT_SECONDS": str(times.backoff_unit),
        "OCPCTL_RELAY_CLAIM_SECONDS": str(times.relay_claim),
        "OCPCTL_RESWEEP_SECONDS": json.dumps(times.resweeps),
        "OCPCTL_BUDGET_RESTORE_SECONDS": str(times.budget_restore),
    }


def _runner_times(settings: StackSettings) -> dict[str, str]:
    times = settings.times
    return {
        "OCPCTL_ABSENCE_INTERVAL_SECONDS": str(times.absence_interval),
        "OCPCTL_UNREACHABLE_PAUSE_SECONDS": str(times.sweep),
        "OCPCTL_STALL_SECONDS": str(times.stall),
        "OCPCTL_STOP_SECONDS": str(times.stop),
        "OCPCTL_DRAIN_SECONDS": "1",
        "OCPCTL_POLL_SECONDS": "2",
        "OCPCTL_SCALE_POLL_SECONDS": "0.3",
    }


def _janitor_times(settings: StackSettings) -> dict[str, str]:
    times = settings.times
    return {
        "OCPCTL_TAKEOVER_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_EXPIRY_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_RING_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_RING_SILENCE_SECONDS": str(times.silence),
        "OCPCTL_DEAD_LETTER_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_LOOK_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_GAUGE_INTERVAL_SECONDS": "15",
        "OCPCTL_USAGE_INTERVAL_SECONDS": str(times.usage),
        "OCPCTL_ORPHAN_INTERVAL_SECONDS": str(times.orphans),
        "OCPCTL_ORPHAN_GRACE_SECONDS": str(times.orphans),
    }


def _component(name: str, module: str, metrics_port: int, env: Mapping[str, str]) -> Component:
    return Component(
        name=name,
        command=(sys.executable, "-m", module),
        env={**env, "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{metrics_port}"},
        ready_url=f"http://127.0.0.1:{metrics_port}/readyz",
    )


def _kubernetes(settings: StackSettings, ports: Mapping[str, int]) -> Component:
    """What the simulated clusters' kubeconfigs point at."""
    module = "ocpctl_local.kubernetes"
    where = (str(ports["kubernetes"]), str(ports["kubernetes_ready"]), str(settings.folder / "kubernetes"))
    return Component(
        name="kubernetes",
        command=(sys.executable, "-m", module, *where),
        env={"PATH": "/usr/bin:/bin", "HOME": str(settings.folder)},
        ready_url=f"http://127.0.0.1:{ports['kubernetes_ready']}/readyz",
    )


def _scheduler(
    settings: StackSettings,
    ports: Mapping[str, int],
    database: Postgres,
    resources: AwsResources,
    common: Mapping[str, str],
    end: str,
) -> Component:
    env = {
        **common,
        "OCPCTL_TLS_DIR": str(settings.tls_dir(SCHEDULER)),
        **_scheduler_times(settings),
        **aws.env(ports["aws"]),
        "OCPCTL_LISTEN": f"127.0.0.1:{ports[f'scheduler{end}']}",
        "OCPCTL_DATABASE_URL": database.url("ocpctl_scheduler"),
        "OCPCTL_QUEUE_URL": resources.queue_url,
        "OCPCTL_DESTROY_QUEUE_URL": resources.destroy_queue_url,
        "OCPCTL_CREATES_AT_ONCE": str(settings.creates),
        "OCPCTL_DESTROYS_AT_ONCE": str(settings.destroys),
        "OCPCTL_CREATES_PER_HOUR": str(settings.limits.creates_per_hour),
        "OCPCTL_INITIAL_GRANTS": identity.initial_grants(),
    }
    return _component(f"scheduler{end}", "ocpctl_scheduler", ports[f"scheduler_metrics{end}"], env)


def _gateway(
    settings: StackSettings,
    ports: Mapping[str, int],
    database: Postgres,
    resources: AwsResources,
    common: Mapping[str, str],
    end: str,
) -> Component:
    env = {
        **common,
        "OCPCTL_TLS_DIR": str(settings.tls_dir(GATEWAY)),
        **aws.env(ports["aws"]),
        "OCPCTL_LISTEN": f"127.0.0.1:{ports[f'gateway{end}']}",
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": _schedulers(settings, ports),
        "OCPCTL_BUCKET": resources.bucket,
        "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
        "OCPCTL_FRONT_PEER": settings.front_peer,
        **gateway_identity(settings.folder / "keys", f"http://127.0.0.1:{ports['envoy']}"),
    }
    return _component(f"api-gateway{end}", "ocpctl_api_gateway", ports[f"gateway_metrics{end}"], env)


def gateway_identity(keys: Path, url: str) -> dict[str, str]:
    """Whom a local gateway at `url` believes: the principals whose keys lie in `keys`."""
    return {
        "OCPCTL_ENVIRONMENT": "development",
        "OCPCTL_AUDIENCE": url,
        "OCPCTL_SIGNING_KEYS_FILE": str(identity.signing_keys(keys)),
        "OCPCTL_LOCAL_ACCESS_KEYS_FILE": str(identity.access_keys(keys)),
        "OCPCTL_SESSION_CACHE_SECONDS": "0.5",
    }


def _runner(
    settings: StackSettings,
    ports: Mapping[str, int],
    resources: AwsResources,
    common: Mapping[str, str],
    number: int,
) -> Component:
    name = f"installer-runner-{number}"
    env = {
        **common,
        "OCPCTL_TLS_DIR": str(settings.tls_dir(RUNNER)),
        **_runner_times(settings),
        **aws.env(ports["aws"]),
        "OCPCTL_RUNNER_ID": name,
        "OCPCTL_SLOTS": str(settings.slots),
        "OCPCTL_POOLS": json.dumps(sorted(settings.pools[(number - 1) % len(settings.pools)])),
        "OCPCTL_SCHEDULER_TARGET": _schedulers(settings, ports),
        "OCPCTL_QUEUE_URL": resources.queue_url,
        "OCPCTL_DESTROY_QUEUE_URL": resources.destroy_queue_url,
        "OCPCTL_BUCKET": resources.bucket,
        "OCPCTL_PULL_SECRET_ARN": resources.pull_secret_arn,
        "OCPCTL_INSTALLERS_DIR": str(settings.folder / "installers"),
        "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
        "OCPCTL_FITNESS_SECONDS": "4",
        "OCPCTL_WORK_DIR": str(settings.folder / "work" / name),
    }
    return _component(name, "ocpctl_installer_runner", ports[f"runner_metrics_{number}"], env)


def _janitor(
    settings: StackSettings,
    ports: Mapping[str, int],
    database: Postgres,
    resources: AwsResources,
    common: Mapping[str, str],
    end: str,
) -> Component:
    env = {
        **common,
        "OCPCTL_TLS_DIR": str(settings.tls_dir(JANITOR)),
        **_janitor_times(settings),
        **aws.env(ports["aws"]),
        "OCPCTL_DEAD_LETTER_QUEUE_URL": resources.dead_letter_queue_url,
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": _schedulers(settings, ports),
    }
    return _component(f"janitor{end}", "ocpctl_janitor", ports[f"janitor_metrics{end}"], env)


def envoy(settings: StackSettings, ports: Mapping[str, int], binary: Path) -> Component:
    """The edge."""
    options = ("--disable-hot-restart", "--concurrency", "1", "--file-flush-interval-msec", "500", "-l", "warning")
    return Component(
        name="envoy",
        command=(str(binary), "-c", str(settings.folder / "envoy" / "envoy.yaml"), *options),
        env={"PATH": "/usr/bin:/bin", "HOME": str(settings.folder)},
        ready_url=f"http://127.0.0.1:{ports['envoy']}/readyz",
    )


def port_names(settings: StackSettings) -> list[str]:
    """Every port that a stack needs."""
    copies = {
        "scheduler": settings.schedulers,
        "scheduler_metrics": settings.schedulers,
        "gateway": settings.gateways,
        "gateway_metrics": settings.gateways,
        "janitor_metrics": settings.janitors,
    }
    runners = (f"runner_metrics_{number}" for number in range(1, settings.runners + 1))
    return [*PORT_NAMES, *(f"{name}{end}" for name, count in copies.items() for end in ends(count)), *runners]
