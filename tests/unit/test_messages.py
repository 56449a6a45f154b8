"""Messages of the outbox: written and read in one way; what cannot be read says why, and not what stands there."""

import json

import pytest
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.messages import JobDispatch, Unreadable, decode, encode

DISPATCH = JobDispatch(job_id=JobId("job_1"), cluster_id=ClusterId("clu_1"), job_type="CREATE")


def test_what_is_written_can_be_read() -> None:
    assert json.loads(encode(DISPATCH)) == {"jobId": "job_1", "clusterId": "clu_1", "jobType": "CREATE"}
    assert decode(JobDispatch, encode(DISPATCH)) == DISPATCH


def test_fields_of_a_newer_sender_are_passed_over() -> None:
    body = json.loads(encode(DISPATCH)) | {"request": {"name": "one"}, "priority": 3}
    assert decode(JobDispatch, json.dumps(body)) == DISPATCH


def test_the_job_is_all_that_must_be_there() -> None:
    assert decode(JobDispatch, '{"jobId": "job_1"}') == JobDispatch(job_id=JobId("job_1"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("no JSON, but hunter2", "no job-dispatch: body: json_invalid"),
        ('["hunter2"]', "no job-dispatch: body: dataclass_type"),
        ('{"clusterId": "hunter2"}', "no job-dispatch: jobId: missing"),
        ('{"jobId": {"hunter2": 1}}', "no job-dispatch: jobId: string_type"),
    ],
)
def test_what_cannot_be_read_says_why_without_its_content(body: str, problem: str) -> None:
    with pytest.raises(Unreadable) as refused:
        decode(JobDispatch, body)
    assert str(refused.value) == problem
