"""Whether a runner takes creates."""

from ocpctl_common.telemetry import metrics
from ocpctl_installer_runner.fitness import Fitness, Trouble
from structlog.testing import capture_logs

LACK = Trouble("InstallerMissing", "There is no installer.")
FULL = Trouble("WorkFolder", "No room.")


class World:
    """What a look sees, and the time."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.now = 0.0
        self.fitness = Fitness(lambda: list(self.troubles), interval=30, clock=lambda: self.now)


def test_what_a_look_sees_counts_until_a_look_does_not() -> None:
    world = World()
    world.fitness.look()
    assert world.fitness.is_fit()
    world.troubles = [LACK]
    with capture_logs() as told:
        world.fitness.look()
        world.fitness.look()
    assert world.fitness.troubles == (LACK,)
    assert [line["told"] for line in told] == ["There is no installer."], "once, not with every look"
    world.troubles = []
    with capture_logs() as told:
        world.fitness.look()
    assert world.fitness.is_fit()
    assert told[0]["event"] == "this runner takes creates again"


def test_what_a_run_has_met_counts_for_two_looks() -> None:
    world = World()
    world.fitness.meet(FULL)
    world.fitness.look()
    assert world.fitness.troubles == (FULL,)
    world.now = 59.0
    assert not world.fitness.is_fit()
    world.now = 61.0
    assert world.fitness.is_fit()


def test_what_is_met_again_counts_for_longer_until_an_install_passes() -> None:
    world = World()
    for seconds in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        world.fitness.meet(FULL)
        world.now += seconds - 1
        assert not world.fitness.is_fit()
        world.now += 2
        assert world.fitness.is_fit()
    world.fitness.meet(FULL)
    world.fitness.passed()
    assert world.fitness.is_fit()
    world.fitness.meet(FULL)
    world.now += 61
    assert world.fitness.is_fit()


def test_a_look_that_fails_is_a_trouble_and_no_end() -> None:
    def broken() -> list[Trouble]:
        raise PermissionError(13, "Permission denied", "/installers")

    fitness = Fitness(broken, interval=30)
    fitness.begin()
    fitness.end()
    assert [trouble.name for trouble in fitness.troubles] == ["Look"]
    assert "/installers" in fitness.troubles[0].sentence


def test_it_is_measured() -> None:
    world = World()
    world.troubles = [LACK]
    world.fitness.begin()
    world.fitness.end()
    shown = metrics.registry(metrics.RUNNER)
    assert shown.get_sample_value("ocpctl_runner_fit") == 0.0
    before = shown.get_sample_value("ocpctl_runner_faults_total", {"fault": "WorkFolder"}) or 0.0
    world.fitness.meet(FULL)
    assert shown.get_sample_value("ocpctl_runner_faults_total", {"fault": "WorkFolder"}) == before + 1
