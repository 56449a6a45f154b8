"""The services of a stack as data: what to start, with which settings, and how to see that it is ready."""

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc.peers import GATEWAY, JANITOR, RUNNER, SCHEDULER

from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws, identity
from ocpctl_local.moto.template import AwsResources
from ocpctl_local.processes.component import Component
from ocpctl_local.processes.origin import Program
from ocpctl_local.settings import ROOT, StackSettings
from ocpctl_local.supervision import times
from ocpctl_local.supervision.port_names import ends


def of_stack(
    settings: StackSettings, ports: Mapping[str, int], database: Postgres, resources: AwsResources
) -> list[Component]:
    """All services in the order of their start."""
    common = _common(settings)
    return [
        _kubernetes(settings, ports),
        *(_scheduler(settings, ports, database, resources, common, end) for end in ends(settings.schedulers)),
        *(_gateway(settings, ports, database, resources, common, end) for end in ends(settings.gateways)),
        *(_runner(settings, ports, resources, number) for number in range(1, settings.runners + 1)),
        *(_janitor(settings, ports, database, resources, common, end) for end in ends(settings.janitors)),
    ]


def _common(settings: StackSettings) -> Mapping[str, str]:
    """What every service is given."""
    return {
        "PYTHONFAULTHANDLER": "1",  # where a service hangs that does not end when it is told to
        "GRPC_VERBOSITY": "NONE",  # or its core writes lines of its own about every failed handshake
        "OCPCTL_LOG_LEVEL": settings.log_level,
        **({"OCPCTL_OTLP_ENDPOINT": f"127.0.0.1:{settings.otlp_port}"} if settings.otlp_port else {}),
    }


def _schedulers(settings: StackSettings, ports: Mapping[str, int]) -> str:
    """The target of all schedulers."""
    addresses = [f"127.0.0.1:{ports[f'scheduler{end}']}" for end in ends(settings.schedulers)]
    return addresses[0] if len(addresses) == 1 else f"ipv4:{','.join(addresses)}"


def _component(
    name: str, service: str, metrics_port: int, env: Mapping[str, str], *folders: Path, work: tuple[Path, ...] = ()
) -> Component:
    """A copy of a service, which reads the folders. Whoever has a folder to work in starts the installers."""
    command = (sys.executable, "-m", f"ocpctl_{service.replace('-', '_')}")
    reads = (Path(env["OCPCTL_TLS_DIR"]), *folders)
    return Component(
        name=name,
        program=Program(image=service, command=command, reads=reads, writes=work, runs_stand_ins=bool(work)),
        env={**env, "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{metrics_port}"},
        ready_url=f"http://127.0.0.1:{metrics_port}/readyz",
    )


def _kubernetes(settings: StackSettings, ports: Mapping[str, int]) -> Component:
    """What the simulated clusters' kubeconfigs point at."""
    module = "ocpctl_local.kubernetes"
    where = (str(ports["kubernetes"]), str(ports["kubernetes_ready"]), str(settings.folder / "kubernetes"))
    return Component(
        name="kubernetes",
        program=Program(command=(sys.executable, "-m", module, *where)),
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
        **times.of_scheduler(settings.times),
        **aws.env(ports["aws"]),
        "OCPCTL_LISTEN": f"127.0.0.1:{ports[f'scheduler{end}']}",
        "OCPCTL_CONNECTION_SECONDS": str(settings.connection_seconds),
        "OCPCTL_DATABASE_URL": database.url("ocpctl_scheduler"),
        "OCPCTL_QUEUE_URL": resources.queue_url,
        "OCPCTL_DESTROY_QUEUE_URL": resources.destroy_queue_url,
        "OCPCTL_CREATES_AT_ONCE": str(settings.creates),
        "OCPCTL_DESTROYS_AT_ONCE": str(settings.destroys),
        "OCPCTL_CREATES_PER_HOUR": str(settings.limits.creates_per_hour),
        "OCPCTL_INITIAL_GRANTS": identity.initial_grants(),
    }
    return _component(f"scheduler{end}", "scheduler", ports[f"scheduler_metrics{end}"], env)


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
        "OCPCTL_CONNECTION_SECONDS": str(settings.connection_seconds),
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": _schedulers(settings, ports),
        "OCPCTL_BUCKET": resources.bucket,
        "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
        "OCPCTL_FRONT_PEER": settings.front_peer,
        **gateway_identity(settings.folder / "keys", f"http://127.0.0.1:{ports['envoy']}"),
    }
    metrics = ports[f"gateway_metrics{end}"]
    return _component(f"api-gateway{end}", "api-gateway", metrics, env, settings.folder / "keys", ROOT / "profiles")


def gateway_identity(keys: Path, url: str) -> dict[str, str]:
    """Whom a local gateway at `url` believes: the principals whose keys lie in `keys`."""
    return {
        "OCPCTL_ENVIRONMENT": "development",
        "OCPCTL_AUDIENCE": url,
        "OCPCTL_SIGNING_KEYS_FILE": str(identity.signing_keys(keys)),
        "OCPCTL_LOCAL_ACCESS_KEYS_FILE": str(identity.access_keys(keys)),
        "OCPCTL_SESSION_CACHE_SECONDS": "0.5",
    }


def _runner(settings: StackSettings, ports: Mapping[str, int], resources: AwsResources, number: int) -> Component:
    name = f"installer-runner-{number}"
    pools = settings.pools[(number - 1) % len(settings.pools)]
    env = {
        **runner_env(settings, ports, resources, name=name, pools=pools),
        **credentials(settings, number),
        "OCPCTL_SLOTS": str(settings.slots),
    }
    folders, work = (settings.folder / "installers", ROOT / "profiles"), (settings.folder / "work" / name,)
    return _component(name, "installer-runner", ports[f"runner_metrics_{number}"], env, *folders, work=work)


def runner_env(
    settings: StackSettings, ports: Mapping[str, int], resources: AwsResources, *, name: str, pools: Collection[Pool]
) -> dict[str, str]:
    """The settings of a runner but for its `credentials`, whoever starts it."""
    return {
        **_common(settings),
        "OCPCTL_TLS_DIR": str(settings.tls_dir(RUNNER)),
        **times.of_runner(settings.times),
        **aws.env(ports["aws"]),
        **_cluster_role(settings),
        "OCPCTL_RUNNER_ID": name,
        "OCPCTL_POOLS": json.dumps(sorted(pools)),
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


def credentials(settings: StackSettings, number: int) -> dict[str, str]:
    """Those of a role, or access keys in an account whose clusters make their credentials from them."""
    if number in settings.with_a_role:
        return {"AWS_SESSION_TOKEN": f"{aws.KEY}-session-token"}
    return {"OCPCTL_MINT_ACCOUNTS": json.dumps([aws.ACCOUNT])}


def _cluster_role(settings: StackSettings) -> dict[str, str]:
    """The same of runners and janitors: what one makes, the other looks for."""
    account = settings.cluster_account
    return {"OCPCTL_CLUSTER_ROLE_ARN": aws.cluster_role(account)} if account else {}


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
        **times.of_janitor(settings.times),
        **aws.env(ports["aws"]),
        **_cluster_role(settings),
        "OCPCTL_DEAD_LETTER_QUEUE_URL": resources.dead_letter_queue_url,
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": _schedulers(settings, ports),
    }
    return _component(f"janitor{end}", "janitor", ports[f"janitor_metrics{end}"], env)
