"""`create cluster`: the work is done by children in process groups of their own, as the real installer's is.

The children have no death signal: when the installer alone is killed they go on creating. Whoever stops an
install must find them.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ocpctl_local.simulator import manual_mode
from ocpctl_local.simulator.cloud import OPERATORS, Cloud
from ocpctl_local.simulator.failures import FAILURES, FATAL
from ocpctl_local.simulator.files import State
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs
from ocpctl_local.simulator.log import InstallLog
from ocpctl_local.simulator.log_lines import AFTER_FAILURE, Line
from ocpctl_local.simulator.machines import volume
from ocpctl_local.simulator.site import Site
from ocpctl_local.simulator.stages import STAGES, Stage

INTERRUPTED = 8
NO_OPERATORS = FAILURES["OPERATORS"][1]


class Interrupted(Exception):
    """SIGTERM came."""


def create_cluster(folder: Path, state: State, knobs: Knobs, version: str) -> int:
    """Creates everything; returns the exit code."""
    log = InstallLog(folder)
    journal = Journal(path=knobs.journal, cluster=state.name, infra_id=state.infra_id)
    journal.write("create", "start")
    log.flood(knobs.log_megabytes)
    site = Site(
        cloud=Cloud(state.region, state.infra_id),
        domain=f"{state.name}.{state.base_domain}",
        cluster_uuid=state.cluster_uuid,
        user_tags=state.tags,
    )
    worker = _Worker(site, state, knobs, log, journal)
    idle = _child(_idle_for_ever)  # stands for etcd and kube-apiserver of the local control plane
    _arm(knobs)
    try:
        code = worker.run()
    except Interrupted:
        log.line("Received interrupt signal", "warning")
        code = INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _end(idle)
        if not knobs.leak_child:
            worker.end()
    journal.write("create", "end")
    return code


class _Worker:
    """One child runs the stages one after the other and writes the name of each finished one into a pipe.

    Where it finds what lets the cluster's operators fail, it writes that instead.
    """

    def __init__(self, site: Site, state: State, knobs: Knobs, log: InstallLog, journal: Journal) -> None:
        self._state, self._knobs, self._log = state, knobs, log
        reading, writing = os.pipe()
        self._done = os.fdopen(reading)
        self._pid = _child(lambda: _create_all(site, state, knobs, journal, writing))
        os.close(writing)

    def run(self) -> int:
        """Logs the stages as the child finishes them; returns the exit code."""
        for stage in STAGES:
            if _fails(stage, self._knobs):
                return self._fail()
            self._say(stage.lines)
            if not (word := self._done.readline().strip()):
                self._log.line("failed to create cluster: a controller has ended", "fatal")
                return 4
            if word != stage.name:
                return self._report(word, "error", NO_OPERATORS)
        return 0

    def _fail(self) -> int:
        message, code = FAILURES[self._knobs.fail_class]
        return self._report(message, "fatal" if self._knobs.fail_class in FATAL else "error", code)

    def _report(self, message: str, level: str, code: int) -> int:
        self._log.line(message, level)
        self._say(AFTER_FAILURE)
        return code

    def _say(self, lines: tuple[Line, ...]) -> None:
        state = self._state
        words = {"name": state.name, "domain": f"{state.name}.{state.base_domain}", "infra_id": state.infra_id}
        for level, message in lines:
            self._log.line(message.format(**words), level)

    def end(self) -> None:
        """The child must not outlive the installer."""
        _end(self._pid)


def _fails(stage: Stage, knobs: Knobs) -> bool:
    return stage.name == knobs.fail_stage and knobs.fail_times > 0


def _create_all(site: Site, state: State, knobs: Knobs, journal: Journal, writing: int) -> None:
    """All stages, then whatever a controller does that nobody stops: it goes on creating."""
    for stage in STAGES:
        if _fails(stage, knobs):
            _idle_for_ever()
        if stage.name == "operators":
            site.cloud.agent = OPERATORS  # from now on the cluster acts, with credentials of its own
            if problem := manual_mode.problem(site.cloud, state):
                _say_done(writing, problem)
                _idle_for_ever()
        journal.write(stage.name, "start")
        stage.create(site, state, knobs)
        journal.sleep(stage.seconds * knobs.time_scale, stage.name)
        if stage.name == knobs.hang_stage:
            _hang(journal, knobs.hang_until)
        journal.write(stage.name, "end")
        _say_done(writing, stage.name)
    while True:
        journal.sleep(1, "reconcile")
        if not _say_done(writing, "reconcile"):
            volume(site)


def _hang(journal: Journal, until: str) -> None:
    while not (until and Path(until).exists()):
        journal.sleep(1, "hang")


def _say_done(writing: int, name: str) -> bool:
    """Whether the installer still lives; its controllers do not care."""
    try:
        os.write(writing, f"{name}\n".encode())
    except BrokenPipeError:
        return False
    return True


def _child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    code = 1
    try:
        work()
        code = 0
    except Exception as error:  # noqa: BLE001 - the child's last word before it ends
        sys.stderr.write(f"controller: {type(error).__name__}: {error}\n")
    finally:
        os._exit(code)


def _idle_for_ever() -> None:
    while True:
        signal.pause()


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    os.waitpid(pid, 0)


def _arm(knobs: Knobs) -> None:
    """SIGTERM once: stop in order. A second one ends us at once and leaves the children."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Interrupted

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN if knobs.ignore_sigterm else on_signal)
