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
LIFECYCLE = {
    "budget": ("test_budget",),
    "pools": ("test_pool_table",),
    "job_kinds": ("test_job_kinds",),
    "retries": ("test_create_ends", "test_other_ends", "test_job_kinds", "test_pauses"),
    "run_modes": ("test_job_kinds",),
    "states": ("test_states",),
    "transitions": ("test_transitions",),
}
PROFILES = {
    "catalogue": ("test_catalogue",),
    "extension": ("test_extension",),
    "model": ("test_profile_limits",),
    "policy": ("test_policy_limits",),
    "render": ("test_install_config",),
    "spec": ("test_install_config",),
    "ssh_keys": ("test_ssh_keys",),
    "tag_keys": ("test_policy_limits",),
    "workers": ("test_workers", "test_worker_limits"),
}
ROOMS = (
    *_all_of("lifecycle", f"{COMMON}/lifecycle", LIFECYCLE),
    *_all_of("profiles", f"{COMMON}/profiles", PROFILES),
    *_all_of("access", COMMON, {"access": ("test_access_limits",)}),
    *_all_of("access", "services/api-gateway/src/ocpctl_api_gateway", {"rbac": ("test_roles",)}),
    _pure(SCHEDULER, "budgeting", "test_budget", "is_full", "_creates", "lower"),
    _pure(SCHEDULER, "changes", "test_changes"),
    _pure(SCHEDULER, "destroying", "test_requests", "_check_creating", "_check_stuck", "destroys", "cancel"),
    _pure(SCHEDULER, "extending", "test_requests", "_check"),
    _pure(SCHEDULER, "granting", "test_granting", "_held", "_not_now", "_counters"),
    _pure(SCHEDULER, "leasing", "test_granting", "_check_gate", "lock_running", "_reopen"),
    _pure(SCHEDULER, "ending", "test_ending", "lost_attempts", "tries", "_pool", "_facts", "_apply_to_job", "_changes"),
    _pure(SCHEDULER, "ending", "test_end_effects", "_apply_to_cluster", "_ring_next"),
    _pure(SCHEDULER, "rules", "test_lease_rules"),
    _pure(STORE, "attempts", "test_receipts", "is_receipt"),
    _pure(STORE, "rows", "test_receipts", "failed_clean", "held"),
    _pure(SCHEDULER, "sweeping", "test_sweeping", "_not_silent"),
    _pure(SCHEDULER, "sweeps", "test_sweeping", "_not_expired"),
)
