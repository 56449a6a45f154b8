"""What people see of an installer's log: records from info on, redacted, under numbers that never change."""

from ocpctl_common.telemetry.redaction import MASK, Redactor
from ocpctl_installer_runner.shown_log import CUT, MOST_AT_ONCE, Batch, ShownLog


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


def test_an_endless_log_is_cut_once() -> None:
    log = ShownLog()
    for _ in range(3):
        log.keep([record("x" * 3900)] * 600, Redactor())
    told: list[str] = []
    while batch := log.next_batch():
        told += batch.lines
        log.stored(batch)
    assert told[-1] == CUT
    assert told.count(CUT) == 1
