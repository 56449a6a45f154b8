"""`python -m tests.mutants`: takes the safeguards out, one at a time, and asks whether the tests notice.

Works on a copy of the checkout with a virtual environment of its own. Before the first mutant the same tests must be
green on the copy as it is.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.run_folder import run_folder

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".local/uv/bin/uv"
SCHEDULER = "services/scheduler/src/ocpctl_scheduler"
STORE = "libs/common/src/ocpctl_common/store"
RUNNER = "services/installer-runner/src/ocpctl_installer_runner"
CLI = "clients/cli/src/ocpctl_cli"
AWS = "libs/common/src/ocpctl_common/providers/aws"
RED = (1, 2)  # pytest: some tests failed, or the first did and the workers were stopped
QUICK = ("tests/unit", "tests/integration", "tests/simulation")
SCALER = ("tests/integration/scheduler/test_external_scaler.py",)
ONE_JOB = ("tests/unit/runner/test_one_job.py",)
STOPPED_RUNNER = ("tests/faults/test_processes.py", "-k", "stopped_for_longer")
DESTROYS = ("tests/faults/test_destroy.py",)
OUTBOX = ("tests/integration/scheduler/test_outbox.py",)
DESTINATIONS = ("tests/integration/scheduler/test_outbox_destinations.py",)
PROMISED = ("tests/unit/runner/test_installer_binary.py",)
KEEPALIVE = ("tests/integration/scheduler/test_keepalive.py", "tests/integration/janitor/test_janitor.py")
RUN_SIGNALS = ("tests/integration/cli/test_run_signals.py",)
JOINED = ("tests/unit/scheduler/test_joined_creates.py", "tests/integration/scheduler/test_joined_creates.py")
CANDIDATES = ("tests/unit/janitor/test_candidate_passes.py",)
HISTORY = ("tests/integration/store/test_history.py",)
RECORDS = ("tests/integration/scheduler/test_records.py",)
AUDIT_TIMES = ("tests/integration/store/test_audit_times.py",)
IDENTITIES = ("tests/integration/scheduler/test_identities.py",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A safeguard that is taken out: `old`, found once in `path`, becomes `new`. Red output must hold `says`."""

    name: str
    path: str
    old: str
    new: str
    tests: Sequence[str] = QUICK
    says: str = ""


MUTANTS = (
    Mutant(
        name="joined creates: no key is twice in a statement",
        path=f"{SCHEDULER}/joined_creates.py",
        old="(left if other.key in keys else taken).append(other)",
        new="taken.append(other)",
        tests=JOINED,
    ),
    Mutant(
        name="joined creates: what was left out is tried alone",
        path=f"{SCHEDULER}/joined_creates.py",
        old="if mine.stored else self._one(new)",
        new="if mine.answered else self._one(new)",
        tests=JOINED,
    ),
    Mutant(
        name="joined creates: a team's limit holds within a statement",
        path=f"{STORE}/create_statements.py",
        old="creates + turn <= %(creates_per_hour)s",
        new="creates < %(creates_per_hour)s",
        tests=JOINED,
    ),
    Mutant(
        name="sweeps: nobody is asked twice before everybody was asked",
        path="services/janitor/src/ocpctl_janitor/passes.py",
        old="if candidate not in self._asked]",
        new="]",
        tests=CANDIDATES,
    ),
    Mutant(
        name="history: the gate before money looks at one lease",
        path=f"{STORE}/attempts.py",
        old="l.cluster_id = attempts.cluster_id AND l.attempt_id",
        new="l.attempt_id",
        tests=HISTORY,
    ),
    Mutant(
        name="history: sweeps read an index up to now",
        path=f"{STORE}/queries/janitor.py",
        old="a.resweep_due_at <= statement_timestamp()",
        new="a.resweep_due_at <= clock_timestamp()",
        tests=HISTORY,
    ),
    Mutant(
        name="usage: a day that is kept is counted by its samples",
        path=f"{STORE}/queries/usage.py",
        old="_midnight(begin) if begin < _midnight(kept) else",
        new="_midnight(begin) if begin else",
        tests=RECORDS,
    ),
    Mutant(
        name="audit: numbers that are behind their time are found",
        path=f"{STORE}/queries/audit.py",
        old="- interval '10 minutes' ORDER",
        new="- interval '0 minutes' ORDER",
        tests=AUDIT_TIMES,
    ),
    Mutant(
        name="keepalive: what is not kept alive ends",
        path=f"{SCHEDULER}/sweeps.py",
        old="cluster.expired or cluster.abandoned",
        new="cluster.expired",
        tests=KEEPALIVE,
    ),
    Mutant(
        name="keepalive: the janitor finds what is not kept alive",
        path=f"{STORE}/queries/janitor.py",
        old="AND alive_until <= statement_timestamp()",
        new="AND alive_until IS NULL",
        tests=KEEPALIVE,
    ),
    Mutant(
        name="keepalive: what is being destroyed is kept alive no longer",
        path=f"{SCHEDULER}/keeping_alive.py",
        old="if cluster.status not in EXTENDABLE:",
        new="if False:",
        tests=KEEPALIVE,
    ),
    Mutant(
        name="client: run destroys its cluster",
        path=f"{CLI}/commands/run.py",
        old="            if cluster_id:\n",
        new="            if False:\n",
        tests=RUN_SIGNALS,
    ),
    Mutant(
        name="client: run waits for the id of its cluster",
        path=f"{CLI}/commands/run.py",
        old="if not self._is_holding or self._came is not None:",
        new="if True:",
        tests=RUN_SIGNALS,
    ),
    Mutant(
        name="client: a lost answer keeps its key",
        path=f"{CLI}/keys.py",
        old="if failure.code is not Exit.AWAY:",
        new="if True:",
        tests=("tests/integration/cli/test_bad_days.py", "tests/unit/cli/test_keys.py"),
    ),
    Mutant(
        name="client: an empty word is refused",
        path=f"{CLI}/settings.py",
        old="if not word.strip():",
        new="if False:",
        tests=("tests/integration/cli/test_odd_servers.py", "-k", "variable"),
    ),
    Mutant(
        name="client: a kubeconfig is changed under kubectl's lock",
        path=f"{CLI}/kubeconfigs.py",
        old='with SoftFileLock(f"{path}.lock", timeout=LOCK_SECONDS):',
        new='with SoftFileLock(f"{path}.ours", timeout=LOCK_SECONDS):',
        tests=("tests/unit/cli/test_kubeconfigs.py",),
    ),
    Mutant(
        name="runnable jobs within the concurrency limit",
        path=f"{SCHEDULER}/runnable.py",
        old="min(jobs, concurrency.free(tx, rules, pool))",
        new="jobs",
        tests=SCALER,
    ),
    Mutant(
        name="runnable jobs with a free lease",
        path=f"{STORE}/queries/runnable.py",
        old=" AND l.locked_by IS NULL",
        new="",
        tests=SCALER,
    ),
    Mutant(
        name="runnable jobs that are due",
        path=f"{STORE}/queries/runnable.py",
        old=" AND j.run_after <= clock_timestamp()",
        new="",
        tests=SCALER,
    ),
    Mutant(
        name="one job a runner with --once",
        path=f"{RUNNER}/slots.py",
        old="        if self._once:\n            self.close()\n",
        new="",
        tests=ONE_JOB,
    ),
    Mutant(
        name="an unfit runner with --once ends with an error",
        path=f"{RUNNER}/one_job.py",
        old="        if not self._runner.is_fit():",
        new="        if False:",
        tests=ONE_JOB,
    ),
    Mutant(
        name="fence in Report",
        path=f"{SCHEDULER}/lease_complete.py",
        old="lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)",
        new="lease = leases.lock(tx, holder.cluster_id)",
    ),
    Mutant(
        name="write-once condition in Authorize",
        path=f"{STORE}/attempts.py",
        old="AND authorized_at IS NULL AND ended_at IS NULL",
        new="AND ended_at IS NULL",
    ),
    Mutant(
        name="credentials before Authorize",
        path=f"{RUNNER}/install.py",
        old="    _ask_permission(run, authorization)\n",
        new="    if prepared.requested:\n"
        "        cluster_credentials.make(run, prepared.requested, target.infra_id, prepared.folder)\n"
        "    _ask_permission(run, authorization)\n",
        tests=("tests/faults/test_cluster_credentials.py",),
        says="authoris",  # created without authorisation, or before it was authorised
    ),
    Mutant(
        name="time check in Authorize",
        path=f"{STORE}/attempts.py",
        old="AND l.expires_at > clock_timestamp())",
        new=")",
    ),
    Mutant(
        name="quarantine",
        path=f"{STORE}/leases.py",
        old="expires_at + make_interval(secs => :quarantine) <=",
        new="expires_at + make_interval(secs => 0 * :quarantine) <=",
    ),
    Mutant(
        name="head-of-group condition",
        path=f"{STORE}/outbox.py",
        old="AND h.id < o.id)",
        new="AND h.id < o.id AND false)",
    ),
    Mutant(
        name="cleanup before the next attempt",
        path=f"{SCHEDULER}/lease_renew.py",
        old="if other.id != attempt.id]:",
        new="if other.id != attempt.id and not other.infra_id]:",
    ),
    Mutant(
        name="watchdog",
        path=f"{RUNNER}/installer/watchdog_main.py",
        old="""        if left <= 0:
            return None
        readable, _, _ = select.select([0, ended], [], [], min(left, POLL_SECONDS))
""",
        new="        readable, _, _ = select.select([ended], [], [], POLL_SECONDS)\n",
        tests=STOPPED_RUNNER,
        says="no_overlap",
    ),
    Mutant(
        name="second teardown check",
        path=f"{RUNNER}/teardown/verification.py",
        old="checks.append(_empty_check(run, target))",
        new="checks.append(checks[0])",
        tests=DESTROYS,
    ),
    Mutant(
        name="account check",
        path=f"{RUNNER}/teardown/cleanup.py",
        old="if account != target.account_id:",
        new="if not account:",
        tests=DESTROYS,
    ),
    Mutant(
        name="walk over the descendants",
        path=f"{RUNNER}/installer/watchdog_main.py",
        old="gone = process_tree.kill_descendants(os.getpid(), seconds=END_SECONDS) and gone",
        new="gone = bool(gone)",
        tests=("tests/integration/runner/test_watchdog.py",),
        says="clears_its_environment",
    ),
    Mutant(
        name="debug decides",
        path=f"{RUNNER}/installer/failure_rules.py",
        old="elif any(rule.pattern.search(text) for rule in self._quiet_rules):",
        new="elif self._decides(text) is None:",
        tests=("tests/unit/runner/test_whole_logs.py",),
    ),
    Mutant(
        name="a percentage never falls",
        path=f"{RUNNER}/installer/log_stages.py",
        old="self._percent = max(self._percent, self._percent_of(change))",
        new="self._percent = self._percent_of(change)",
        tests=("tests/unit/runner/test_log_stages.py",),
    ),
    Mutant(
        name="planted once",
        path=f"{STORE}/mappings.py",
        old="if planted and tx.execute(",
        new="if tx.execute(",
        tests=IDENTITIES,
    ),
    Mutant(
        name="last admin",
        path=f"{SCHEDULER}/identities.py",
        old="if after < before:",
        new="if after < now:",
        tests=IDENTITIES,
    ),
    Mutant(
        name="one change of roles at a time",
        path=f"{STORE}/mappings.py",
        old="SELECT pg_advisory_xact_lock(hashtext('ocpctl.mappings'))",
        new="SELECT 1",
        tests=IDENTITIES,
    ),
    Mutant(
        name="no error of an earlier try",
        path=f"{SCHEDULER}/changes.py",
        old='changes |= {"error_code": "", "error_message": ""}',
        new="changes |= {}",
        tests=("tests/integration/store/test_job_views.py",),
    ),
    Mutant(
        name="both identifiers in metadata that is rebuilt",
        path=f"{AWS}/provider.py",
        old="for mark in (CLUSTER, CAPA)]",
        new="for mark in (CLUSTER,)]",
        tests=DESTROYS,
    ),
    Mutant(
        name="no end in a tag",
        path="libs/common/src/ocpctl_common/profiles/render.py",
        old='"ocpctl:managed-by": lambda *_: "ocpctl",',
        new='"ocpctl:managed-by": lambda *_: "ocpctl", "ocpctl:expires-at": lambda *_: "2026-01-01T00:00:00+00:00",',
        tests=("tests/unit/profiles/test_policy.py",),
    ),
    Mutant(
        name="gone by infra id",
        path="tests/oracle/checks.py",
        old="if thing.infra_id not in living and (thing.infra_id or owner_of(thing.name) not in names):",
        new="if thing.infra_id not in living and owner_of(thing.name) not in names and not names:",
        tests=("tests/unit/tooling/test_oracle.py",),
    ),
    Mutant(
        name="a clean-up keeps off the records of who has the name",
        path=f"{AWS}/cloud.py",
        old="        foreign_records.protect(self._clients, scope, check)\n",
        new="",
        tests=("tests/faults/test_same_name.py",),
    ),
    Mutant(
        name="tagging pages of one moment",
        path="deploy/local/src/ocpctl_local/moto/corrections.py",
        old="return iter(list(inner(self, **words)))",
        new="return inner(self, **words)",
        tests=("tests/integration/local/test_simulated_installer.py", "-k", "tagging"),
    ),
    Mutant(
        name="a heartbeat is trusted as long as the scheduler says",
        path=f"{RUNNER}/lease.py",
        old="self._extend_trust(sent + answer.times.trust)",
        new="self._extend_trust(sent + 3600)",
        tests=("tests/unit/services/test_lease_times.py",),
    ),
    Mutant(
        name="a grant without times is not run",
        path=f"{RUNNER}/translation/lease_answers.py",
        old="if all(time > 0 for time in named) else None",
        new="if all(time >= 0 for time in named) else None",
        tests=("tests/unit/services/test_lease_times.py",),
    ),
    Mutant(
        name="a time of the scheduler's is refused elsewhere",
        path="libs/common/src/ocpctl_common/settings.py",
        old="if PREFIX + name in os.environ]:",
        new="if PREFIX + name in ()]:",
        tests=("tests/unit/services/test_lease_times.py",),
    ),
    Mutant(
        name="no success while anything needs cleanup",
        path="libs/common/src/ocpctl_common/lifecycle/retries.py",
        old="if end.outcome is Outcome.SUCCEEDED and left == 0:",
        new="if end.outcome is Outcome.SUCCEEDED:",
    ),
    Mutant(
        name="an empty look proves nothing",
        path=f"{SCHEDULER}/lease_renew.py",
        old="if attempt.cleanup is Cleanup.REQUIRED:",
        new="if attempt.cleanup is Cleanup.REQUIRED and found:",
    ),
    Mutant(
        name="a DESTROYING cluster is given a job",
        path=f"{SCHEDULER}/reconcile.py",
        old='"DESTROYING_HAS_JOB": _destroy,',
        new='"DESTROYING_HAS_JOB": _sweep,',
    ),
    Mutant(
        name="all destroys before the first proof",
        path=f"{RUNNER}/teardown/cleanup.py",
        old="            destroy.destroy(run, target)\n",
        new="            destroy.destroy(run, target)\n            _verify(run, target)\n",
    ),
    Mutant(
        name="only the promised installer",
        path=f"{RUNNER}/installer/binary.py",
        old="if got != wanted:",
        new="if not got:",
        tests=PROMISED,
    ),
    Mutant(
        name="the bytes that were looked at",
        path=f"{RUNNER}/installer/binary.py",
        old="return Installer(path, got)",
        new="return Installer(installers / version / PROGRAM, got)",
        tests=PROMISED,
    ),
    Mutant(
        name="one promise only",
        path=f"{RUNNER}/installer/promise.py",
        old="return digests.pop() if len(digests) == 1 else None",
        new="return digests.pop() if digests else None",
        tests=PROMISED,
    ),
    Mutant(
        name="slots that are kept for the other pool",
        path="libs/common/src/ocpctl_common/lifecycle/pools.py",
        old="return sum(busy.values()) + kept < slots",
        new="return sum(busy.values()) < slots",
        tests=("tests/unit/runner/test_pools.py",),
    ),
    Mutant(
        name="a queue for what ends cost",
        path=f"{STORE}/outbox.py",
        old="run_of(job.job_type, given_up=given_up).queue",
        new="Pool.CREATES",
        tests=OUTBOX,
    ),
    Mutant(
        name="messages claimed by destination",
        path=f"{STORE}/outbox.py",
        old="o.pool IS NOT DISTINCT FROM CAST(:pool AS text)",
        new="(o.pool IS NOT DISTINCT FROM CAST(:pool AS text) OR true)",
        tests=OUTBOX,
    ),
    Mutant(
        name="refused messages let others pass",
        path=f"{STORE}/outbox.py",
        old="AND o.id <> ALL(:without)",
        new="AND (o.id <> ALL(:without) OR true)",
        tests=DESTINATIONS,
    ),
    Mutant(
        name="an unknown kind holds its group up",
        path=f"{STORE}/outbox.py",
        old="AND h.pool IS NOT DISTINCT FROM o.pool AND h.published_at",
        new="AND h.pool IS NOT DISTINCT FROM o.pool AND h.kind = o.kind AND h.published_at",
        tests=DESTINATIONS,
    ),
    Mutant(
        name="a relay of its own for each destination",
        path=f"{SCHEDULER}/relay.py",
        old="done = self._pass(route)",
        new="done = self.run_once()",
        tests=OUTBOX,
        says="hangs_holds_nothing_up",
    ),
    Mutant(
        name="a slot for both goes to who has waited longer",
        path="libs/common/src/ocpctl_common/lifecycle/pools.py",
        old="return next((pool for pool in waiting if may_take(",
        new="return next((pool for pool in reversed(waiting) if may_take(",
        tests=("tests/unit/runner/test_pools.py",),
    ),
    Mutant(
        name="calls are shared among the schedulers",
        path="libs/common/src/ocpctl_common/rpc/client.py",
        old='[{"round_robin": {}}]',
        new='[{"pick_first": {}}]',
        tests=("tests/faults/test_two_of_everything.py",),
    ),
    Mutant(
        name="redaction is linear in a line",
        path="libs/common/src/ocpctl_common/telemetry/redaction.py",
        old=r'{8,}(?:\.[A-Za-z0-9_-]+)*"',
        new=r'{8,}\.[A-Za-z0-9_-]{8,}"',
        tests=("tests/unit/runner/test_log_lines.py",),
    ),
    Mutant(
        name="a truncated log is followed",
        path=f"{RUNNER}/installer/file_lines.py",
        old="if size < self._read:",
        new="if size < 0:",
        tests=("tests/unit/runner/test_log_lines.py",),
    ),
    Mutant(
        name="no beginning of a secret at a cut",
        path=f"{RUNNER}/installer/redacted_lines.py",
        old="text = text[: max(0, len(text) - self._redactor.longest)]",
        new="text = text[:]",
        tests=("tests/unit/runner/test_log_lines.py",),
    ),
    Mutant(
        name="the reader of logs ends with its runner",
        path=f"{RUNNER}/installer/log_reader_main.py",
        old="""    if not os.read(0, 64):
        os._exit(RUNNER_GONE)
    return True""",
        new="""    return bool(os.read(0, 64))""",
        tests=("tests/integration/runner/test_reading_logs.py",),
    ),
    Mutant(
        name="another reader goes on where one was lost",
        path=f"{RUNNER}/installer/log_follower.py",
        old='for name in ("position", "characters", "omitted") if name in message',
        new='for name in ("characters", "omitted") if name in message',
        tests=("tests/integration/runner/test_reading_logs.py",),
    ),
    Mutant(
        name="one migration at a time",
        path="migrations/src/ocpctl_migrations/env.py",
        old="SELECT pg_try_advisory_lock(hashtext('ocpctl.migrations'))",
        new="SELECT true",
        tests=("tests/integration/services/test_starts_together.py",),
    ),
    Mutant(
        name="an untagged zone is told by its maker's reference",
        path=f"{AWS}/resources/zones.py",
        old='return reference.startswith(f"{owner.infra_id}-")',
        new="return False",
        tests=("tests/integration/runner/test_remaining_resources.py",),
    ),
)


class Copy:
    """A copy of the checkout in which tests run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o755)  # PostgreSQL's programs in it run as another user when we are root
        names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        for name in filter(None, names):
            if (ROOT / name).exists():  # deleted, not yet committed
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        self._run(str(UV), "sync", "--quiet", "--frozen", "--python", sys.executable).check_returncode()

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        return subprocess.run(command, cwd=self._folder, env=env, text=True, capture_output=True, check=False)

    def test(self, tests: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Runs tests until the first that fails."""
        return self._run(".venv/bin/pytest", "-q", "-x", "-n", "2", "--dist", "loadfile", *tests)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """The mutant lives for the length of the block."""
        path = self._folder / mutant.path
        whole = path.read_text()
        if whole.count(mutant.old) != 1:
            raise SystemExit(
                f"{mutant.name}: {mutant.path} holds the safeguard {whole.count(mutant.old)} times, not once"
            )
        path.write_text(whole.replace(mutant.old, mutant.new))
        try:
            yield
        finally:
            path.write_text(whole)


def _git(*words: str) -> str:
    return subprocess.run(("git", "-C", str(ROOT), *words), text=True, capture_output=True, check=True).stdout


def is_red(copy: Copy, mutant: Mutant) -> bool:
    """Whether the tests notice the mutant; prints how."""
    began = time.monotonic()
    with copy.mutated(mutant):
        done = copy.test(mutant.tests)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    red = done.returncode in RED and bool(failed) and mutant.says in done.stdout
    print(f"{'red  ' if red else 'GREEN'}  {mutant.name} ({time.monotonic() - began:.0f} s)", flush=True)
    print("\n".join(f"         {line[:160]}" for line in failed[:3] or done.stdout.splitlines()[-3:]), flush=True)
    if mutant.says:
        said = [line.strip() for line in done.stdout.splitlines() if mutant.says in line]
        print("\n".join(f"         {line[:160]}" for line in said[:2]), flush=True)
    return red


def hunt(copy: Copy, mutants: Sequence[Mutant]) -> int:
    """How many mutants live. The tests must be green without any."""
    for tests in dict.fromkeys(mutant.tests for mutant in mutants):
        print(f"without a mutant: {' '.join(tests)}", flush=True)
        whole = copy.test(tests)
        if whole.returncode != 0:
            raise SystemExit(f"the tests are not green without a mutant:\n{whole.stdout[-3000:]}{whole.stderr[-1000:]}")
    return sum(not is_red(copy, mutant) for mutant in mutants)


def main() -> None:
    """Ends with 1 if a mutant lives."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", help="mutants whose name holds this")
    only = parser.parse_args().only or ""
    mutants = [mutant for mutant in MUTANTS if only in mutant.name]
    with run_folder() as folder:
        alive = hunt(Copy(folder / "copy"), mutants)
    print(f"{len(mutants) - alive} of {len(mutants)} mutants were noticed")
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
