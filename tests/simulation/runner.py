"""A runner as the scheduler sees it: it asks, beats, works step by step, loses replies, pauses, dies."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from ocpctl_common.cloud.queue import Message
from ocpctl_common.errors import Fenced, Refused
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.states import CredentialsMode, Outcome, RunMode
from ocpctl_common.store.attempts import Authorization, End
from ocpctl_common.store.rows import Attempt, Outputs
from ocpctl_scheduler import concurrency, lease_acquire, lease_complete, lease_renew
from ocpctl_scheduler.lease_acquire import Granted, LeaseRequester
from ocpctl_scheduler.lease_renew import Holder

from tests.integration.fifo import FifoModel
from tests.integration.protocol import ACCOUNT
from tests.simulation.cloud import Installer
from tests.simulation.world import World

RECEIPT = json.dumps({"checks": [{"found": {"ec2:vpc": 0}}] * 2})
CREATE_STEPS = 3
Answer = TypeVar("Answer")
Step = Callable[[], None]
FAILURES = ("BOOTSTRAP", "QUOTA", "THROTTLE", "UNKNOWN", "CAPACITY")


class Away(Exception):
    """The scheduler does not answer, or its answer is lost."""


class Over(Exception):
    """The run ends at once: the lease is lost."""


@dataclass(slots=True, eq=False)
class Run:
    """What a slot works on."""

    granted: Granted
    steps: Iterator[Step]
    installer: Installer
    trusted_until: float
    pending: Step | None = None
    cancel: bool = False
    to_clean: list[Attempt] = field(default_factory=list)
    not_clean: set[str] = field(default_factory=set)


class SimRunner:
    """One slot."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.run: Run | None = None
        self.paused = False

    # --- what chance may do to it

    def die(self) -> None:
        """SIGKILL; it is there again at once, and knows nothing."""
        if self.run:
            self.world.cloud.runner_died(self.run.installer)
        self.run, self.paused = None, False

    def pause(self) -> None:
        """SIGSTOP and SIGCONT."""
        self.paused = not self.paused

    # --- what it does

    def step(self) -> bool:
        """One step of the run, or a poll of the queue; whether anything was done."""
        if self.paused:
            return False
        if self.run is None:
            return self._listen()
        try:
            self._work(self.run)
        except (Over, Fenced):
            self._forget()
        return True

    def beat(self) -> None:
        """A heartbeat."""
        run = self.run
        if run is None or self.paused:
            return
        sent = self.world.now
        try:
            cancel = self._ask(lambda: lease_renew.heartbeat(self.world.engine, self.world.rules, self._holder(run)))
        except Away:
            return
        if cancel is None:
            self._forget()
            return
        run.cancel = run.cancel or cancel
        run.trusted_until = run.installer.trusted_until = sent + self.world.rules.trust

    def _forget(self) -> None:
        """The tree is killed, nothing more is written."""
        if self.run:
            self.world.cloud.stop(self.run.installer)
        self.run = None

    def _listen(self) -> bool:
        """One slot for both pools: the one that is asked first changes."""
        return any(self._hear(queue) for queue in self.world.chance.sample(list(self.world.queues.values()), 2))

    def _hear(self, queue: FifoModel) -> bool:
        message = queue.receive(0, claim_seconds=60)
        if message is None:
            return False
        try:
            self._answer(queue, message)
        except Away:
            queue.give_back(message, after_seconds=60)
        return True

    def _answer(self, queue: FifoModel, message: Message) -> None:
        asked = self.world.now
        token = f"00000000-0000-0000-0000-{self.world.chance.getrandbits(48):012x}"
        requester = LeaseRequester(runner=self.name, token=token, account_id=ACCOUNT)
        job = JobId(message.job_id or "")
        for patience in range(3):
            try:
                verdict = self._ask(lambda: lease_acquire.acquire(self.world.engine, self.world.rules, job, requester))
                break
            except Away:
                if patience == 2:
                    raise
        if not self.world.happens(0.05):
            queue.delete(message)
        if isinstance(verdict, Granted):
            self._begin(verdict, asked)

    def _begin(self, granted: Granted, asked: float) -> None:
        until = asked + self.world.rules.trust
        name = self.world.names[granted.cluster.id]
        installer = Installer(granted.cluster.id, granted.attempt.id, name=name, trusted_until=until)
        run = Run(granted=granted, steps=iter(()), installer=installer, trusted_until=until)
        run.steps = self._plan(run)
        self.run = run

    def _work(self, run: Run) -> None:
        if self.world.now >= run.trusted_until:
            raise Over
        step = run.pending or next(run.steps, None)
        if step is None:
            self._forget()
            return
        run.pending = None
        try:
            step()
        except Away:
            run.pending = step  # every step but Authorize may be repeated; that one handles it itself

    def _plan(self, run: Run) -> Iterator[Step]:
        """The steps of a run; each is one thing that others could see."""
        granted = run.granted
        if granted.attempt.mode is RunMode.SWEEP:
            yield from [partial(self._look_again, run, gone) for gone in granted.needing_cleanup]
        else:
            run.to_clean = list(granted.needing_cleanup)
        yield from self._clean_all(run)
        if granted.attempt.mode is RunMode.INSTALL:
            yield partial(self._authorize, run)
            yield from [partial(self._create, run)] * CREATE_STEPS
        if granted.attempt.mode is RunMode.SCALE:
            yield partial(self._scale, run)
        yield partial(self._report, run, Outcome.SUCCEEDED)

    def _clean_all(self, run: Run) -> Iterator[Step]:
        """All are destroyed, then each is proven; one that is not keeps no other from it."""
        yield from [partial(self._destroy, run, needing_cleanup) for needing_cleanup in run.to_clean]
        yield from [partial(self._prove, run, needing_cleanup) for needing_cleanup in run.to_clean]
        if run.not_clean:
            yield partial(self._report, run, Outcome.FAILED, "DESTROY")

    def _destroy(self, run: Run, needing_cleanup: Attempt) -> None:
        if run.installer not in self.world.cloud.installers:
            self.world.cloud.start(run.installer)
        if not self.world.happens(0.2):
            self.world.cloud.delete(needing_cleanup.infra_id or "", run.installer.name)

    def _prove(self, run: Run, needing_cleanup: Attempt) -> None:
        """What a person has removed meanwhile is gone too."""
        self.world.cloud.stop(run.installer)
        infra_id = needing_cleanup.infra_id or ""
        if self.world.cloud.seen(infra_id, run.installer.name):
            run.not_clean.add(needing_cleanup.id)
            return
        verified = lease_renew.cleanup_verified
        self._ask(lambda: verified(self.world.engine, self.world.rules, self._holder(run), needing_cleanup.id, RECEIPT))
        self.world.cloud.proven.add(infra_id)

    def _look_again(self, run: Run, gone: Attempt) -> None:
        found = self.world.cloud.seen(gone.infra_id or "", run.installer.name)
        verify_again = lease_renew.verify_again
        if self._ask(lambda: verify_again(self.world.engine, self.world.rules, self._holder(run), gone.id, found)):
            run.to_clean.append(gone)

    def _authorize(self, run: Run) -> None:
        if run.cancel:
            self._report(run, Outcome.CANCELLED)
            return
        attempt = run.granted.attempt.id
        infra_id = f"i-{attempt[-10:]}"
        authorization = Authorization(
            attempt_id=attempt,
            fence=run.granted.attempt.fence,
            infra_id=infra_id,
            metadata="{}",
            metadata_sha256="x",
            account_id=ACCOUNT,
            snapshot_key="k",
            snapshot_version="v",
            installer_sha256="y",
            credentials_mode=CredentialsMode.MINT,
        )
        try:
            self._ask(lambda: lease_renew.authorize(self.world.engine, self._holder(run), authorization))
        except Away:
            self._report(run, Outcome.INTERRUPTED)
            return
        except Refused as refused:
            self._report(run, Outcome.CANCELLED if refused.reason == "CANCELLED" else Outcome.FAILED, "UNKNOWN")
            return
        self.world.cloud.authorized.add(infra_id)
        run.installer.infra_id = infra_id
        self.world.cloud.start(run.installer)

    def _create(self, run: Run) -> None:
        if run.installer not in self.world.cloud.installers:
            raise Over  # the watchdog has killed it
        self.world.cloud.create(run.installer)
        if run.cancel:
            self._report(run, Outcome.CANCELLED)
        elif self.world.happens(0.06):
            self._report(run, Outcome.FAILED, self.world.chance.choice(FAILURES))

    def _scale(self, run: Run) -> None:
        """The cluster's API is asked; that makes nothing in the cloud that an install has not been authorised for."""
        if run.cancel:
            self._report(run, Outcome.CANCELLED)
        elif self.world.happens(0.2):
            self._report(run, Outcome.FAILED, "SCALE")

    def _report(self, run: Run, outcome: Outcome, failure_class: str = "") -> None:
        self.world.cloud.stop(run.installer)
        installed = outcome is Outcome.SUCCEEDED and run.granted.attempt.mode is RunMode.INSTALL
        ended = lease_complete.Ended(
            attempt_id=run.granted.attempt.id,
            how=End(outcome=outcome, failure_class=failure_class, message="because"),
            outputs=outputs() if installed else None,
        )
        run.steps = iter((lambda: self._send(run, ended),))

    def _send(self, run: Run, ended: lease_complete.Ended) -> None:
        end = self._ask(lambda: lease_complete.report(self.world.engine, self.world.rules, self._holder(run), ended))
        if end.pool:
            concurrency.redispatch_next(self.world.engine, end.pool)

    def _holder(self, run: Run) -> Holder:
        return Holder(cluster_id=run.granted.cluster.id, fence=run.granted.attempt.fence, runner=self.name)

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        """A call over a bad line: not made, made with its answer lost, or made."""
        if self.world.happens(0.04):
            raise Away
        answer = question()
        if self.world.happens(0.04):
            raise Away
        return answer


def outputs() -> Outputs:
    """References of a cluster that works."""
    return Outputs(
        api_url="https://a",
        console_url="https://c",
        kubeconfig_s3_uri="s3://b/k",
        kubeconfig_version_id="v",
        kubeadmin_secret_arn="arn:aws:secretsmanager:x",
    )
