"""Every line is one JSON record without secrets, ours and those of libraries; nobody to read them stops nothing."""

import json
import subprocess
import sys
from typing import Any

BEGIN = """
import logging, sys, threading
import structlog
from ocpctl_common.telemetry import logs
log = structlog.get_logger()  # as modules have it: before anything is set up
logs.configure("scheduler", "INFO")
"""


def run(program: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", BEGIN + program], **{"capture_output": True, **streams}, text=True, check=False
    )


def lines(program: str) -> list[dict[str, Any]]:
    done = run(program)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_has_its_level_its_time_its_service_and_what_the_call_bound() -> None:
    [line] = lines(
        "from ocpctl_common.rpc import context\n"
        "with context.bind('c1', principal='p'): log.info('done', job_id='job_1', n=3, none=None)"
    )
    assert line.pop("ts").endswith("Z")
    expected = {"event": "done", "level": "info", "service": "scheduler", "correlation_id": "c1", "principal": "p"}
    assert line == expected | {"job_id": "job_1", "n": 3, "none": None}


def test_ours_and_those_of_libraries_are_alike() -> None:
    ours, theirs = lines("log.warning('one', a='b')\nlogging.getLogger('library').warning('two %s', 'x')")
    assert set(ours) - {"a"} == set(theirs)
    assert (ours["event"], theirs["event"]) == ("one", "two x")
    assert (ours["level"], theirs["level"]) == ("warning", "warning")


def test_the_level_holds_for_both() -> None:
    assert (
        lines("log.debug('no')\nlogging.getLogger('library').debug('no')\nlogging.getLogger('boto3').info('no')") == []
    )


def test_an_exception_is_told_and_redacted() -> None:
    [line] = lines("try: raise ValueError('token=abcdefgh')\nexcept ValueError: log.exception('defect', name='x')")
    assert line["level"] == "error"
    assert "ValueError: token=[REDACTED]" in line["exception"]
    assert "abcdefgh" not in json.dumps(line)


def test_secrets_go_by_name_and_by_shape() -> None:
    [line] = lines("log.info('x', Pull_Secret='a', session_token=5, text='AKIA' + 'A' * 16, list=['b'])")
    assert (line["Pull_Secret"], line["session_token"], line["text"]) == ("[REDACTED]",) * 3


def test_lines_of_many_threads_do_not_mix() -> None:
    found = lines(
        "def many(n):\n"
        "    for i in range(200): log.info('x' * 500, thread=n, i=i)\n"
        "threads = [threading.Thread(target=many, args=(n,)) for n in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )
    assert sorted((line["thread"], line["i"]) for line in found) == [(n, i) for n in range(8) for i in range(200)]


def test_nobody_to_read_them_stops_nothing() -> None:
    """As when the process that collects logs has died: a pipe without a reader, a full disk, a closed stream."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - no file of ours
        done = run(
            "log.info('x' * 100_000)\nsys.stderr.write('went on')\nimport os; os._exit(0)",
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert (done.returncode, done.stderr) == (0, "went on")
    closed = "sys.stdout.close()\nlog.info('x')\nsys.stderr.write('went on')"
    assert run(closed).stderr == "went on"
