"""Whether a runner takes creates."""

from ocpctl_common.telemetry import metrics
from ocpctl_installer_runner.fitness import Fault, Fitness
from structlog.testing import capture_logs

LACK = Fault("InstallerMissing", "There is no installer.")
FULL = Fault("WorkFolder", "No room.")


class World:
    """What a check sees, and the time."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.now = 0.0
        self.fitness = Fitness(lambda: list(self.faults), interval=30, clock=lambda: self.now)


def test_what_a_check_sees_counts_until_a_check_does_not() -> None:
    world = World()
    world.fitness.check()
    assert world.fitness.is_fit()
    world.faults = [LACK]
    with capture_logs() as told:
        world.fitness.check()
        world.fitness.check()
    assert world.fitness.faults == (LACK,)
    assert [line["sentence"] for line in told] == ["There is no installer."], "once, not with every check"
    world.faults = []
    with capture_logs() as told:
        world.fitness.check()
    assert world.fitness.is_fit()
    assert told[0]["event"] == "this runner takes creates again"


def test_what_a_run_has_met_counts_for_two_intervals() -> None:
    world = World()
    world.fitness.record_fault(FULL)
    world.fitness.check()
    assert world.fitness.faults == (FULL,)
    world.now = 59.0
    assert not world.fitness.is_fit()
    world.now = 61.0
    assert world.fitness.is_fit()


def test_what_is_met_again_counts_for_longer_until_an_install_passes() -> None:
    world = World()
    for seconds in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        world.fitness.record_fault(FULL)
        world.now += seconds - 1
        assert not world.fitness.is_fit()
        world.now += 2
        assert world.fitness.is_fit()
    world.fitness.record_fault(FULL)
    world.fitness.clear_faults()
    assert world.fitness.is_fit()
    world.fitness.record_fault(FULL)
    world.now += 61
    assert world.fitness.is_fit()


def test_a_check_that_fails_is_a_fault_and_no_end() -> None:
    def broken() -> list[Fault]:
        raise PermissionError(13, "Permission denied", "/installers")

    fitness = Fitness(broken, interval=30)
    fitness.begin()
    fitness.end()
    assert [fault.name for fault in fitness.faults] == ["Look"]
    assert "/installers" in fitness.faults[0].sentence


def test_it_is_measured() -> None:
    world = World()
    world.faults = [LACK]
    world.fitness.begin()
    world.fitness.end()
    shown = metrics.registry(metrics.RUNNER)
    assert shown.get_sample_value("ocpctl_runner_fit") == 0.0
    before = shown.get_sample_value("ocpctl_runner_faults_total", {"fault": "WorkFolder"}) or 0.0
    world.fitness.record_fault(FULL)
    assert shown.get_sample_value("ocpctl_runner_faults_total", {"fault": "WorkFolder"}) == before + 1
