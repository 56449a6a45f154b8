"""A trigger's metadata as a kind of runners, and the count of runnable jobs as a metric."""

import re
from collections.abc import Mapping

from ocpctl.external import external_scaler_pb2 as pb
from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.lifecycle.pools import Pool

from ocpctl_scheduler.runnable import RunnerKind

POOL, ACCOUNT = "pool", "accountId"
ACCOUNT_FORM = re.compile(r"\w[\w-]*", re.ASCII)
JOBS_OF_A_RUNNER = 1


def runner_kind(asked: pb.ScaledObjectRef) -> RunnerKind:
    """What the ScaledJob's runners are. Raises InvalidRequest, naming what is wrong in its trigger's metadata."""
    metadata = dict(asked.scalerMetadata)
    if problems := _problems(metadata):
        where = f"metadata of the trigger of {asked.namespace}/{asked.name}"
        raise InvalidRequest(f"{where}: {'; '.join(f'{p.field} {p.description}' for p in problems)}", problems=problems)
    return RunnerKind(pool=Pool(metadata[POOL]), account_id=metadata[ACCOUNT])


def _problems(metadata: Mapping[str, str]) -> list[FieldProblem]:
    problems = []
    if metadata.get(POOL) not in list(Pool):
        choices = " or ".join(Pool)
        problems.append(FieldProblem(field=POOL, description=f"must be {choices}", reason="UNKNOWN_POOL"))
    if not ACCOUNT_FORM.fullmatch(metadata.get(ACCOUNT, "")):
        description = "must be the account of the runners' credentials"
        problems.append(FieldProblem(field=ACCOUNT, description=description, reason="FIELD_REQUIRED"))
    return problems


def metric_name(runners: RunnerKind) -> str:
    """The name of a kind's metric."""
    return f"ocpctl-runnable-{runners.pool}"


def metric_spec(runners: RunnerKind) -> pb.GetMetricSpecResponse:
    """A runner takes one job."""
    spec = pb.MetricSpec(metricName=metric_name(runners), targetSize=JOBS_OF_A_RUNNER, targetSizeFloat=JOBS_OF_A_RUNNER)
    return pb.GetMetricSpecResponse(metricSpecs=[spec])


def metric_value(runners: RunnerKind, jobs: int) -> pb.GetMetricsResponse:
    """So many runnable jobs."""
    value = pb.MetricValue(metricName=metric_name(runners), metricValue=jobs, metricValueFloat=jobs)
    return pb.GetMetricsResponse(metricValues=[value])
