"""What people see of an installer's log: records from info on, redacted, under numbers that never change."""

from ocpctl_common.telemetry.redaction import MASK
from ocpctl_installer_runner.installer.log_reader_main import MAX_SHOWN_CHARACTERS, ShownLimit
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.user_visible_log import MAX_BATCH_LINES, OMITTED, Batch, UserVisibleLog


def record(message: str, level: str = "info") -> str:
    return f'time="2026-11-23T12:00:00Z" level={level} msg="{message}"'


def test_engineers_noise_and_what_is_no_record_are_omitted() -> None:
    log = UserVisibleLog()
    log.add([record("a"), record("b", "debug"), "MIIEow==", record("c", "error"), ""], KnownSecrets())
    assert log.next_batch() == Batch(1, [record("a"), record("c", "error")])


def test_secrets_are_masked() -> None:
    log = UserVisibleLog()
    secrets = KnownSecrets()
    secrets.add("hunter2-hunter2")
    log.add([record("password hunter2-hunter2"), record("use abcde-fghij-klmno-pqrst")], secrets)
    batch = log.next_batch()
    assert batch is not None
    assert [line.count(MASK) for line in batch.lines] == [1, 1]


def test_a_batch_comes_again_under_its_numbers_until_it_is_stored() -> None:
    log = UserVisibleLog()
    log.add([record(str(number)) for number in range(MAX_BATCH_LINES + 1)], KnownSecrets())
    first = log.next_batch()
    assert first is not None
    assert first == log.next_batch()
    log.stored(first)
    assert log.next_batch() == Batch(MAX_BATCH_LINES + 1, [record(str(MAX_BATCH_LINES))])


def test_what_is_omitted_is_told_once() -> None:
    log = UserVisibleLog()
    log.add([record("a")], KnownSecrets())
    log.omitted = 7
    log.add_what_is_missing(unread=False)
    log.add_what_is_missing(unread=False)
    batch = log.next_batch()
    assert batch is not None
    assert batch.lines == [record("a"), OMITTED.format(count=7)]
    assert log.characters == len(record("a"))


def test_an_endless_log_is_cut_where_it_is_read_and_counted() -> None:
    shown = ShownLimit(characters=MAX_SHOWN_CHARACTERS - 10, omitted=0)
    assert shown.within(["x" * 8, "y" * 8, "z"]) == ["x" * 8]
    assert shown.omitted == 2
