"""What people see of an installer's log: records from info on, redacted, under numbers that never change."""

from ocpctl_common.telemetry.redaction import MASK, Redactor
from ocpctl_installer_runner.installer.log_reader_main import MOST_SHOWN, Shown
from ocpctl_installer_runner.user_visible_log import MOST_AT_ONCE, NOT_KEPT, Batch, ShownLog


def record(message: str, level: str = "info") -> str:
    return f'time="2026-11-23T12:00:00Z" level={level} msg="{message}"'


def test_engineers_noise_and_what_is_no_record_are_left_out() -> None:
    log = ShownLog()
    log.keep([record("a"), record("b", "debug"), "MIIEow==", record("c", "error"), ""], Redactor())
    assert log.next_batch() == Batch(1, [record("a"), record("c", "error")])


def test_secrets_are_masked() -> None:
    log = ShownLog()
    log.keep([record("password hunter2-hunter2"), record("use abcde-fghij-klmno-pqrst")], Redactor(["hunter2-hunter2"]))
    batch = log.next_batch()
    assert batch is not None
    assert [line.count(MASK) for line in batch.lines] == [1, 1]


def test_a_batch_comes_again_under_its_numbers_until_it_is_stored() -> None:
    log = ShownLog()
    log.keep([record(str(number)) for number in range(MOST_AT_ONCE + 1)], Redactor())
    first = log.next_batch()
    assert first is not None
    assert first == log.next_batch()
    log.stored(first)
    assert log.next_batch() == Batch(MOST_AT_ONCE + 1, [record(str(MOST_AT_ONCE))])


def test_what_is_left_out_is_told_once() -> None:
    log = ShownLog()
    log.keep([record("a")], Redactor())
    log.left_out = 7
    log.tell_left_out()
    log.tell_left_out()
    batch = log.next_batch()
    assert batch is not None
    assert batch.lines == [record("a"), NOT_KEPT.format(count=7)]
    assert log.characters == len(record("a"))


def test_an_endless_log_is_cut_where_it_is_read_and_counted() -> None:
    shown = Shown(characters=MOST_SHOWN - 10, left_out=0)
    assert shown.within(["x" * 8, "y" * 8, "z"]) == ["x" * 8]
    assert shown.left_out == 2
