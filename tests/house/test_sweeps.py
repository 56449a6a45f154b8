"""One list of sweeps: what the janitor finds, the scheduler knows, and each loop has the setting of its pause."""

from ocpctl_janitor.settings import setting
from ocpctl_janitor.sweeps import SWEEPS, Settings
from ocpctl_scheduler.sweeps import SWEEPS as APPLIED


def test_each_sweep_that_finds_candidates_has_its_row_in_the_scheduler() -> None:
    assert {sweep.name for sweep in SWEEPS if sweep.find} == APPLIED.keys()


def test_a_sweep_is_one_thing_and_its_name_is_its_own() -> None:
    assert all((sweep.find is None) != (sweep.other is None) for sweep in SWEEPS)
    assert len({sweep.name for sweep in SWEEPS}) == len(SWEEPS)


def test_each_sweep_has_a_setting_and_each_pause_a_sweep() -> None:
    pauses = {
        name: field.default for name, field in Settings.model_fields.items() if name.endswith("_interval_seconds")
    }
    assert pauses == {setting(sweep.name): sweep.seconds for sweep in SWEEPS}
