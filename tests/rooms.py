"""The pure decisions that `tests/flips.py` flips, each file with the unit tests that must notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A file, the functions of it that are pure (none named: all of it), and its tests."""

    name: str
    path: Path
    tests: tuple[str, ...]
    functions: frozenset[str] = frozenset()


def _all_of(name: str, folder: str, files: Mapping[str, tuple[str, ...]]) -> list[Room]:
    return [Room(name=name, path=ROOT / folder / f"{file}.py", tests=tests) for file, tests in files.items()]


def _pure(folder: str, file: str, test: str, *functions: str) -> Room:
    name = "store" if folder == STORE else "scheduler"
    return Room(name=name, path=ROOT / folder / f"{file}.py", tests=(test,), functions=frozenset(functions))


COMMON = "libs/common/src/ocpctl_common"
STORE = f"{COMMON}/store"
SCHEDULER = "services/scheduler/src/ocpctl_scheduler"
ENDING = "scheduler/test_lease_complete"
LIFECYCLE = {
    "throttling": ("lifecycle/test_throttling",),
    "pools": ("lifecycle/test_pool_table",),
    "job_kinds": ("lifecycle/test_job_kinds",),
    "retries": (
        "lifecycle/test_create_ends",
        "lifecycle/test_other_ends",
        "lifecycle/test_job_kinds",
        "lifecycle/test_pauses",
    ),
    "run_modes": ("lifecycle/test_job_kinds",),
    "states": ("lifecycle/test_states",),
    "transitions": ("lifecycle/test_transitions",),
}
AWS = ("providers/test_every_provider", "providers/test_aws", "providers/test_cluster_role", "runner/test_environment")
PROFILES = {
    "catalogue": ("profiles/test_catalogue",),
    "extension": ("profiles/test_extension",),
    "model": ("profiles/test_profile_limits",),
    "policy": ("profiles/test_policy_limits",),
    "render": ("profiles/test_install_config",),
    "spec": ("profiles/test_install_config",),
    "ssh_keys": ("profiles/test_ssh_keys",),
    "tag_keys": ("profiles/test_policy_limits",),
    "workers": ("profiles/test_workers", "profiles/test_worker_limits"),
}
ROOMS = (
    *_all_of("lifecycle", f"{COMMON}/lifecycle", LIFECYCLE),
    *_all_of("profiles", f"{COMMON}/profiles", PROFILES),
    *_all_of("providers", f"{COMMON}/providers/aws", {"provider": AWS}),
    *_all_of("access", COMMON, {"access": ("access/test_access_limits",)}),
    *_all_of("access", "services/api-gateway/src/ocpctl_api_gateway", {"rbac": ("gateway/test_roles",)}),
    Room(
        name="access",
        path=ROOT / "services/api-gateway/src/ocpctl_api_gateway/translation/role_binding_messages.py",
        tests=("gateway/test_role_bindings",),
        functions=frozenset({"create_command", "_team_problem", "_hours_problem"}),
    ),
    _pure(SCHEDULER, "concurrency", "lifecycle/test_throttling", "is_full", "free", "_free", "_creates", "lower"),
    _pure(SCHEDULER, "changes", "scheduler/test_changes"),
    _pure(SCHEDULER, "destroying", "scheduler/test_requests", "_check_creating", "_check_stuck", "destroys", "cancel"),
    _pure(
        SCHEDULER,
        "destroying",
        "scheduler/test_destroying",
        "accept_destroy",
        "accept_cancel",
        "accept_retry",
        "_destroy",
        "request_destroy",
        "_begin_destroy",
    ),
    _pure(SCHEDULER, "scaling", "scheduler/test_scaling", "_scale"),
    _pure(SCHEDULER, "extending", "scheduler/test_requests", "_check"),
    _pure(SCHEDULER, "lease_acquire", "scheduler/test_lease_acquire", "_held", "_not_now", "_counters"),
    _pure(SCHEDULER, "lease_acquire", "scheduler/test_lease_grant", "acquire", "_grant"),
    _pure(SCHEDULER, "lease_renew", "scheduler/test_verify_again", "verify_again"),
    _pure(SCHEDULER, "identities", "scheduler/test_initial_grants", "_initial"),
    _pure(SCHEDULER, "lease_renew", "scheduler/test_lease_acquire", "_check_gate", "lock_running", "_reopen"),
    _pure(
        SCHEDULER,
        "lease_complete",
        "scheduler/test_lease_complete",
        "lost_attempts",
        "tries",
        "_pool",
        "_facts",
        "_apply_to_job",
        "_changes",
    ),
    _pure(SCHEDULER, "lease_complete", "scheduler/test_end_effects", "_apply_to_cluster", "_redispatch_next"),
    _pure(SCHEDULER, "rules", "scheduler/test_lease_rules"),
    _pure(STORE, "verifications", "store/test_receipts", "is_receipt"),
    _pure(STORE, "rows", "store/test_receipts", "failed_clean", "held"),
    _pure(SCHEDULER, "redispatch", "scheduler/test_redispatch", "redispatch", "_not_silent"),
    _pure(SCHEDULER, "reconcile", "scheduler/test_reconcile", "restore", "_reopen", "_give_up"),
    _pure(SCHEDULER, "reconcile", "scheduler/test_reconcile_runs", "_free", "_retry", "_end_attempts"),
    _pure(SCHEDULER, "relay", "scheduler/test_relay", "_pass", "_claimed", "_send", "_run_forever", "_pass_safely"),
    _pure(SCHEDULER, "sweeps", "scheduler/test_redispatch", "_not_expired"),
)
