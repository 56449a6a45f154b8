"""One random history: people, relays, runners, janitors and bad luck, then calm, then the last judgement."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ocpctl_common.errors import NameTaken, Unavailable, WrongState
from ocpctl_common.ids import ClusterId, JobId, new_cluster_id, new_job_id
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import JobDispatch
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import RequestKey
from ocpctl_common.store import outbox
from ocpctl_common.store.creates import NewCluster
from ocpctl_common.store.engine import autocommit, transaction
from ocpctl_common.store.outbox import Destination
from ocpctl_common.store.queries import janitor
from ocpctl_scheduler import (
    concurrency,
    destroying,
    lease_complete,
    post_destroy_verification,
    redispatch,
    scaling,
    sweeps,
)
from ocpctl_scheduler.creating import Creates
from ocpctl_scheduler.destroying import DestroyCommand
from ocpctl_scheduler.relay import Relay, job_routes
from ocpctl_scheduler.scaling import ScaleCommand

from tests import specs
from tests.integration.fifo import FifoModel
from tests.oracle import checks
from tests.simulation.cloud import Cloud, Violated
from tests.simulation.runner import SimRunner
from tests.simulation.simulated_database import SimulatedDatabase, seeded
from tests.simulation.world import World

ACTIONS = 50
ACTIONS_AFTERWARDS = 30
MOST_CLUSTERS = 3
MOST_ROUNDS = 300
UNREST = """
SELECT 1 FROM jobs WHERE status IN ('PENDING','RUNNING','RETRYING')
UNION SELECT 1 FROM outbox WHERE published_at IS NULL
"""
ENDED = ("READY", "FAILED", "DESTROYED")
Actions = dict[str, tuple[float, Callable[[], object]]]


@dataclass(slots=True)
class History:
    """The actors. Everything that happens is in `world.trace`."""

    world: World
    relay: Relay
    runners: list[SimRunner]
    promised: dict[str, str] = field(default_factory=dict)  # idempotency key -> cluster
    lives: dict[str, int] = field(default_factory=dict)  # name -> how often it was used

    def play(self) -> None:
        """Raises Violated."""
        self._act(self._actions(), ACTIONS)
        self._calm()
        self._judge_at_the_end()
        self._act(self._afterwards(), ACTIONS_AFTERWARDS)
        self._calm()
        self._judge_at_the_end()

    def _act(self, actions: Actions, count: int) -> None:
        words, weights = list(actions), [weight for weight, _ in actions.values()]
        for word in self.world.chance.choices(words, weights, k=count):
            self.world.trace.append(f"{self.world.now:8.0f} {word}")
            actions[word][1]()
            self._judge_now()

    def _afterwards(self) -> Actions:
        """What was proven gone is looked for again: calls arrive late, clean-ups fail, people tidy up, names return."""
        return {
            "create": (1, self._create),
            "destroy": (0.5, self._destroy),
            "relay": (4, self.relay.run_once),
            "runner steps": (12, lambda: self._one().step()),
            "runner dies": (0.5, lambda: self._one().die()),
            "time": (2, lambda: self._pass(self.world.chance.choice((5, 20)))),
            "look is due": (1, lambda: self._pass(1000)),
            "look": (3, self._sweep),
            "ring": (2, self._redispatch),
            "take over": (1, self._take_over),
            "call arrives late": (3, self._arrive_late),
            "person removes": (2, self._remove),
        }

    def _actions(self) -> Actions:
        return {
            "create": (3, self._create),
            "destroy": (2, self._destroy),
            "scale": (2, self._scale),
            "relay": (5, self.relay.run_once),
            "relay dies after claim": (0.5, self._claim_and_die),
            "relay dies after send": (0.5, self._send_and_die),
            "runner steps": (14, lambda: self._one().step()),
            "runner dies": (1, lambda: self._one().die()),
            "runner pauses": (1, lambda: self._one().pause()),
            "message lost": (0.5, self._lose_message),
            "queue purged": (0.1, lambda: self._queue().purge()),
            "time": (8, lambda: self._pass(self.world.chance.choice((1, 5, 15, 20)))),
            "long time": (1.5, lambda: self._pass(self.world.chance.choice((100, 400, 1000)))),
            "time to live ends": (0.2, lambda: self._pass(4000)),
            "take over": (2, self._take_over),
            "ring": (1, self._redispatch),
            "expire": (0.5, self._expire),
            "look": (0.5, self._sweep),
            "dead letters": (0.3, self._dead_letters),
            "call arrives late": (0.3, self._arrive_late),
            "person removes": (0.2, self._remove),
        }

    def _one(self) -> SimRunner:
        return self.world.chance.choice(self.runners)

    # --- people

    def _create(self) -> None:
        """Mostly the same request again; sometimes another one for the same name, which may be free by now."""
        name = f"c{self.world.chance.randrange(MOST_CLUSTERS)}"
        life = self.lives.get(name, 0) + int(self.world.chance.random() < 0.5)
        key = f"key-{name}-{life}"
        try:
            answer = Creates.on(self.world.engine, creates_per_hour=0).accept(_new(name, key))
        except NameTaken:
            return
        self.lives[name], self.world.names[answer.cluster_id] = life, name
        if self.promised.setdefault(key, answer.cluster_id) != answer.cluster_id:
            raise Violated(f"{key} made two clusters")

    def _destroy(self) -> None:
        if not self.promised:
            return
        cluster_id = ClusterId(self.world.chance.choice(sorted(self.promised.values())))
        key = RequestKey(principal="p", rpc="DestroyCluster", key=f"d{self.world.chance.random()}", request_hash=b"x")
        try:
            command = DestroyCommand(cluster_id=cluster_id, correlation_id="c", traceparent="")
            destroying.accept_destroy(self.world.engine, key, command)
        except WrongState:
            return

    def _scale(self) -> None:
        if not self.promised:
            return
        command = ScaleCommand(
            cluster_id=ClusterId(self.world.chance.choice(sorted(self.promised.values()))),
            worker_replicas=self.world.chance.randrange(4),
            limits=WorkerLimits(profile="p", minimum=0, maximum=3),
            hourly_cost_micros=2,
            correlation_id="c",
            traceparent="",
        )
        key = RequestKey(principal="p", rpc="ScaleWorkers", key=f"s{self.world.chance.random()}", request_hash=b"x")
        try:
            scaling.accept_scale(self.world.engine, key, command)
        except WrongState:
            return

    # --- bad luck

    def _claim_and_die(self) -> None:
        with transaction(self.world.engine) as tx:
            outbox.claim(tx, self._jobs(self._pool()), [JobDispatch], limit=10, seconds=30)

    def _send_and_die(self) -> None:
        with transaction(self.world.engine) as tx:
            claimed = outbox.claim(tx, self._jobs(pool := self._pool()), [JobDispatch], limit=10, seconds=30)
        self.world.queues[pool].send_batch(claimed.envelopes)

    def _arrive_late(self) -> None:
        """A call on the wire makes something after both looks were empty."""
        if proven := sorted(self.world.cloud.proven):
            self.world.cloud.arrive_late(self.world.chance.choice(proven))

    def _remove(self) -> None:
        """A person removes by hand what was left, whether or not somebody knows of it."""
        if late := sorted(self.world.cloud.late):
            self.world.cloud.remove(self.world.chance.choice(late))

    def _lose_message(self) -> None:
        queue = self._queue()
        if message := queue.receive(0, claim_seconds=1):
            queue.delete(message)

    def _queue(self) -> FifoModel:
        return self.world.queues[self._pool()]

    def _jobs(self, pool: Pool) -> Destination:
        return Destination(name=outbox.JOBS, pool=pool)

    def _pool(self) -> Pool:
        return self.world.chance.choice(list(Pool))

    def _pass(self, seconds: float) -> None:
        """Time passes in small steps, with heartbeats."""
        while seconds > 0:
            self.world.move(min(seconds, 20))
            seconds -= 20
            for runner in self.runners:
                runner.beat()

    # --- the janitor

    def _take_over(self) -> int:
        with autocommit(self.world.engine) as tx:
            dead = janitor.dead_leases(tx, limit=10)
        for lease in dead:
            end = lease_complete.take_over(self.world.engine, self.world.rules, lease.cluster_id, lease.seen)
            if end and end.pool and not self.world.happens(0.2):
                concurrency.redispatch_next(self.world.engine, end.pool)
        return len(dead)

    def _redispatch(self) -> int:
        with autocommit(self.world.engine) as tx:
            silent = janitor.silent_jobs(tx, silence_seconds=300, limit=10)
        for job in silent:
            redispatch.redispatch(self.world.engine, job.job_id, seen=job.seen)
        return len(silent)

    def _expire(self) -> int:
        with autocommit(self.world.engine) as tx:
            over = janitor.expired_clusters(tx, limit=10)
        for candidate in over:
            sweeps.expire(self.world.engine, candidate.cluster_id)
        return len(over)

    def _sweep(self) -> int:
        with autocommit(self.world.engine) as tx:
            due = janitor.due_verifications(tx, limit=10)
        for candidate in due:
            post_destroy_verification.verify_again(self.world.engine, candidate.cluster_id)
        return len(due)

    def _dead_letters(self) -> None:
        while message := self.world.dead_letters.receive(0, claim_seconds=60):
            redispatch.redispatch(self.world.engine, JobId(message.job_id or ""))
            self.world.dead_letters.delete(message)

    # --- the end

    def _calm(self) -> None:
        """Nothing goes wrong any more: every job must come to its end."""
        self.world.calm = True
        for runner in self.runners:
            runner.paused = False
        for _ in range(MOST_ROUNDS):
            self._work_off()
            if not self.world.rows(UNREST):
                self.world.calm = False
                return
            self._pass(60)
            self._take_over()
            self._redispatch()
            self._dead_letters()
        raise Violated("the world did not come to rest")

    def _work_off(self) -> None:
        busy = True
        while busy:
            busy = self.relay.run_once().claimed > 0
            for runner in self.runners:
                while runner.step():
                    busy = True

    def _judge_now(self) -> None:
        """What must hold at every moment."""
        if ownerless := list(checks.nothing_without_owner(self.world)):
            raise Violated(f"nothing_without_owner: {ownerless}")
        if not self.world.cloud.resources:
            return  # nothing exists, so nothing can be left
        gone = "status = 'DESTROYED' OR status = 'FAILED' AND NOT resources_remaining"
        for row in self.world.rows(f"SELECT id, status FROM clusters WHERE {gone}"):
            if left := self.world.cloud.left_of(row["id"]):
                raise Violated(f"{row['id']} is {row['status']}, and {left} exist")

    def _judge_at_the_end(self) -> None:
        self._judge_now()
        for check in (checks.audited, checks.fences_grow, checks.sent_in_order):
            if found := list(check(self.world)):
                raise Violated(f"{check.__name__}: {found}")
        for row in self.world.rows("SELECT id, status FROM clusters"):
            left = self.world.cloud.left_of(row["id"])
            if row["status"] not in ENDED or (row["status"] == "READY" and len(left) != 1):
                raise Violated(f"{row['id']} is {row['status']} at the end; {left} exist")
        if held := self.world.rows("SELECT cluster_id FROM job_locks WHERE locked_by IS NOT NULL"):
            raise Violated(f"leases are held at the end: {held}")
        known = {row["id"] for row in self.world.rows("SELECT id FROM clusters")}
        if forgotten := set(self.promised.values()) - known:
            raise Violated(f"accepted and forgotten: {forgotten}")


def _new(name: str, key: str) -> NewCluster:
    return NewCluster(
        request=RequestKey(principal="p", rpc="CreateCluster", key=key, request_hash=name.encode()),
        cluster_id=new_cluster_id(),
        job_id=new_job_id(),
        spec=specs.spec(name),
        correlation_id="c",
        traceparent="",
    )


def play(database: SimulatedDatabase, seed: int, *, watchdog: bool = True, by_name: bool = False) -> World:
    """Plays the history of a seed, always the same one. Raises Violated with the seed and the trace."""
    with seeded(seed) as chance:
        database.clear()
        clock = lambda: database.seconds  # noqa: E731
        dead = FifoModel(clock)
        queues = {pool: FifoModel(clock, dead_letters=dead) for pool in Pool}
        world = World(database, chance, Cloud(watchdog=watchdog, by_name=by_name), queues, dead)
        history = History(
            world,
            Relay(world.engine, job_routes(queues), interval=60, claim=30),
            [SimRunner(world, f"r{n}") for n in (1, 2)],
        )
        try:
            history.play()
        except (Violated, Unavailable) as violation:
            trace = "\n".join(world.trace)
            raise Violated(f"seed {seed}: {violation}\n{trace}") from violation
        return world
