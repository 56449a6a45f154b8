"""The installer's output is read in bounded pieces, and a line is redacted in time proportional to its length."""

import time
from pathlib import Path

import pytest
from ocpctl_common.telemetry.redaction import MASK, Redactor
from ocpctl_installer_runner.installer import log_records
from ocpctl_installer_runner.installer.file_lines import MAX_LINE_BYTES, FileLines
from ocpctl_installer_runner.installer.redacted_lines import MAX_LINE_CHARACTERS, RedactedLines

SECRET = "correct-horse-battery-staple"


def all_of(pieces: FileLines) -> list[bytes]:
    found: list[bytes] = []
    while (lines := pieces.next_lines()) is not None:
        found += [line for line, _ in lines]
    return found


@pytest.mark.parametrize(
    "part", ["eyJhbGci-", "-----BEGIN ", '"auths": ', "abcde-", "password=", "AKIA", "-data: A", "a" * 8, "b ", "\\\\"]
)
def test_time_of_redaction_grows_with_the_line_not_with_its_square(part: str) -> None:
    def seconds(length: int) -> float:
        line = (part * length)[:length]
        best = 9e9
        for _ in range(3):
            began = time.process_time()
            Redactor([SECRET]).redact(line)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(88_000) < 8 * seconds(22_000) + 0.005


def test_a_log_that_is_truncated_or_replaced_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    pieces = FileLines(path)
    assert pieces.next_lines() is None
    path.write_text("one\ntwo\nhal")
    assert all_of(pieces) == [b"one", b"two"]
    assert pieces.position == 8
    path.write_text("cut\n")
    assert all_of(pieces) == [b"cut"]
    (tmp_path / "new").write_text("a longer one than before\n")
    (tmp_path / "new").rename(path)
    assert all_of(pieces) == [b"a longer one than before"]


def test_a_follower_begins_where_another_ended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntwo\nhal")
    first = FileLines(path)
    all_of(first)
    with path.open("a") as log:
        log.write("f\n")
    assert all_of(FileLines(path, first.position)) == [b"half"]


def test_a_line_of_megabytes_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("x" * 2**20 + "\nafter\n")
    pieces, lines = FileLines(path), []
    while (more := pieces.next_lines()) is not None:
        lines += more
    clean = RedactedLines(Redactor([SECRET]))
    told = [clean.redact(*line) for line in lines]
    assert [len(line) for line, _ in lines] == [MAX_LINE_BYTES, 5]
    assert told[1] == "after"
    assert MAX_LINE_CHARACTERS < len(told[0]) < MAX_LINE_CHARACTERS + 100
    assert "are left out]" in told[0]


def test_a_secret_at_the_cut_does_not_leave_its_beginning() -> None:
    raw = (f"{SECRET} " * 10 + SECRET[:-4]).encode()
    told = RedactedLines(Redactor([SECRET])).redact(raw, 4)
    assert SECRET[:8] not in told
    assert MASK in told


def test_a_private_key_over_many_lines_is_masked() -> None:
    clean = RedactedLines(Redactor())
    lines = [b"a -----BEGIN RSA PRIVATE KEY-----", b"MIIEow", b"AAAA", b"-----END RSA PRIVATE KEY----- b", b"c"]
    assert [clean.redact(line) for line in lines] == [f"a {MASK}", MASK, MASK, f"{MASK} b", "c"]


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (
            "2026/11/26 12:00:00 Failed to process IAM Roles: LimitExceeded: no more",
            "Failed to process IAM Roles: LimitExceeded: no more",
        ),
        ("2026/11/26 12:00:00 failed to fetch IAM role", "failed to fetch IAM role"),
        (
            "error: unable to read image quay.io/a@sha256:0: unauthorized: no",
            "unable to read image quay.io/a@sha256:0: unauthorized: no",
        ),
        ("2026/11/26 12:00:00 Role arn:aws:iam::1:role/a created", None),
        ("error: something else", None),
    ],
)
def test_what_ends_the_other_programs_of_a_release_is_fatal(line: str, record: str | None) -> None:
    assert log_records.parse(line) == (record and log_records.Record("fatal", record))
