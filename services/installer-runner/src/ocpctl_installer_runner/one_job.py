"""A runner for one job: it takes one, does it to its end, and ends; without one it ends after a while.

It is fit or unfit as every runner is. An unfit one waits, too, instead of ending at once: whoever starts runners for
waiting jobs would start the next one, again and again.
"""

import threading

import structlog

from ocpctl_installer_runner.runner import Runner

log = structlog.get_logger()


class OneJob:
    """Sets `ended` when it may be stopped: its job has ended, or there was none for so long as the settings say."""

    def __init__(self, runner: Runner, ended: threading.Event) -> None:
        self._runner = runner
        self._ended = ended
        self._thread = threading.Thread(target=self._wait, name="one-job", daemon=True)
        self.exit_code = 0

    def begin(self) -> None:
        """Takes a job. Raises IdInUse."""
        self._runner.begin()
        self._thread.start()

    def stop(self, grace_seconds: float) -> None:
        """As every runner stops: a job that goes on may do so for the drain time."""
        self._runner.stop(grace_seconds)
        self._judge()

    def _wait(self) -> None:
        runner = self._runner
        if not runner.slots.closed.wait(runner.settings.once_wait_seconds):
            log.info("no job to take: this runner ends", waited_seconds=runner.settings.once_wait_seconds)
            runner.slots.close()
        runner.join()
        self._ended.set()

    def _judge(self) -> None:
        """What it lacks may be why it has no job, or why it has handed one back."""
        if not self._runner.is_fit():
            self.exit_code = 1
            for fault in self._runner.fitness.faults:
                log.error("this runner could not do its work", fault=fault.name, sentence=fault.sentence)
