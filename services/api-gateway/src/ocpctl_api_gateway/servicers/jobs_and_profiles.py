"""ocpctl.v1.JobService and ocpctl.v1.ProfileService."""

from collections.abc import Iterator

import grpc
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl.v1.job_service_pb2_grpc import JobServiceServicer
from ocpctl.v1.profile_service_pb2_grpc import ProfileServiceServicer
from ocpctl_common.errors import NotFound

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.reads import listing, paging
from ocpctl_api_gateway.servicers import job_log
from ocpctl_api_gateway.servicers.job_log import JobLog
from ocpctl_api_gateway.streams import Streams
from ocpctl_api_gateway.translation import views


class JobServicer(JobServiceServicer):
    """Jobs."""

    def __init__(self, ports: Ports, job_log: JobLog, streams: Streams) -> None:
        self._ports = ports
        self._log = job_log
        self._streams = streams

    def GetJob(self, request: job_pb.GetJobRequest, context: grpc.ServicerContext) -> job_pb.Job:
        """See the proto."""
        with self._ports.door.enter(context, "GetJob") as caller:
            found = self._ports.reader.job(caller, request.job_id)
            return views.job(found, self._ports.reader.attempts(found))

    def ListJobs(self, request: job_pb.ListJobsRequest, context: grpc.ServicerContext) -> job_pb.ListJobsResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListJobs") as caller:
            most = paging.size(request.page_size)
            binding = paging.binding(caller.arn, request)
            wanted = listing.jobs(caller, request, paging.decode(request.page_token, binding))
            page, more = paging.cut(self._ports.reader.jobs(wanted, most=most + 1), most, binding)
            return job_pb.ListJobsResponse(jobs=map(views.job, page), next_page_token=more)

    def StreamJobLog(
        self, request: job_pb.StreamJobLogRequest, context: grpc.ServicerContext
    ) -> Iterator[job_pb.StreamJobLogResponse]:
        """See the proto."""
        with self._ports.door.enter(context, "StreamJobLog") as caller:
            self._ports.reader.job(caller, request.job_id)
            wanted = job_log.wanted(request)
            with self._streams.enter(context, caller.arn, caller.claims.session_id) as stream:
                yield from self._log.messages(wanted, stream)


class ProfileServicer(ProfileServiceServicer):
    """Profiles."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def ListProfiles(
        self, request: profile_pb.ListProfilesRequest, context: grpc.ServicerContext
    ) -> profile_pb.ListProfilesResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListProfiles"):
            found = self._ports.catalogue.profiles
            return profile_pb.ListProfilesResponse(profiles=[views.profile(found[name]) for name in sorted(found)])

    def GetProfile(self, request: profile_pb.GetProfileRequest, context: grpc.ServicerContext) -> profile_pb.Profile:
        """See the proto."""
        with self._ports.door.enter(context, "GetProfile"):
            found = self._ports.catalogue.profiles.get(request.name)
            if found is None:
                raise NotFound("there is no such profile; GET /api/v1/profiles names them all")
            return views.profile(found)
