"""Jobs and their logs in protobuf."""

from collections.abc import Iterable
from datetime import datetime

from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.store.queries.attempts import AttemptView
from ocpctl_common.store.queries.details import JobView
from ocpctl_common.store.queries.job_logs import LogLineView

from ocpctl_api_gateway.streams import Reason
from ocpctl_api_gateway.translation.times import timestamp


def job(view: JobView, attempts: Iterable[AttemptView] = ()) -> job_pb.Job:
    """`run_after` is set only while the job waits for its next attempt."""
    return job_pb.Job(
        id=view.id,
        cluster_id=view.cluster_id,
        type=types_pb2.JobType.Value.Value(view.job_type),
        status=types_pb2.JobStatus.Value.Value(view.status),
        attempt=view.attempt,
        max_attempts=view.max_attempts,
        error_code=view.error_code,
        error_message=view.error_message,
        create_time=timestamp(view.created_at),
        start_time=timestamp(view.started_at),
        end_time=timestamp(view.ended_at),
        run_after=timestamp(view.run_after) if view.status == "RETRYING" else None,
        stage=view.stage,
        progress_percent=view.progress_percent,
        correlation_id=view.correlation_id,
        attempts=map(attempt, attempts),
        estimated_ready_time=timestamp(view.estimated_ready_at),
    )


def attempt(view: AttemptView) -> job_pb.JobAttempt:
    return job_pb.JobAttempt(
        id=view.id,
        number=view.number,
        mode=job_pb.AttemptMode.Value.Value(view.mode),
        fence=view.fence,
        start_time=timestamp(view.started_at),
        end_time=timestamp(view.ended_at),
        outcome=job_pb.AttemptOutcome.Value.Value(view.outcome or "UNSPECIFIED"),
        failure_class=view.failure_class,
        failure_rule=view.failure_rule,
        message=view.message,
        infra_id=view.infra_id,
        exit_code=view.exit_code,
        installer_version=view.installer_version,
    )


def log_line(view: LogLineView) -> job_pb.StreamJobLogResponse:
    line = job_pb.JobLogLine(
        sequence=view.id,
        time=timestamp(view.created_at),
        attempt_id=view.attempt_id,
        fence=view.fence,
        text=view.line,
    )
    return job_pb.StreamJobLogResponse(line=line)


def log_heartbeat(now: datetime) -> job_pb.StreamJobLogResponse:
    return job_pb.StreamJobLogResponse(heartbeat=job_pb.JobLogHeartbeat(time=timestamp(now)))


def log_end(reason: Reason, *, sent: int, after: int, status: str) -> job_pb.StreamJobLogResponse:
    """The last message of a log."""
    job_status = types_pb2.JobStatus.Value.Value(status)
    end = job_pb.JobLogEnd(reason=reason, lines=sent, last_sequence=after, job_status=job_status)
    return job_pb.StreamJobLogResponse(end=end)
