"""ocpctl.v1.JobService and ocpctl.v1.ProfileService."""

from collections.abc import Iterator

import grpc
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl.v1.job_service_pb2_grpc import JobServiceServicer
from ocpctl.v1.profile_service_pb2_grpc import ProfileServiceServicer
from ocpctl_common.errors import NotFound
from ocpctl_common.profiles.catalogue import Catalogue

from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.reads.job_reads import JobReads
from ocpctl_api_gateway.servicers import job_log
from ocpctl_api_gateway.servicers.job_log import JobLog
from ocpctl_api_gateway.streams import Streams
from ocpctl_api_gateway.translation import job_messages, profile_messages


class JobServicer(JobServiceServicer):
    """A job of another team does not exist for the caller."""

    def __init__(self, authentication: Authentication, reads: JobReads, log: JobLog, streams: Streams) -> None:
        self._authentication = authentication
        self._reads = reads
        self._log = log
        self._streams = streams

    def GetJob(self, request: job_pb.GetJobRequest, context: grpc.ServicerContext) -> job_pb.Job:
        with self._authentication.authorize(context, "GetJob") as caller:
            found = self._reads.job(caller, request.job_id)
            return job_messages.job(found, self._reads.attempts(found))

    def ListJobs(self, request: job_pb.ListJobsRequest, context: grpc.ServicerContext) -> job_pb.ListJobsResponse:
        with self._authentication.authorize(context, "ListJobs") as caller:
            page = self._reads.page(caller, request)
            return job_pb.ListJobsResponse(jobs=map(job_messages.job, page.rows), next_page_token=page.next_token)

    def StreamJobLog(
        self, request: job_pb.StreamJobLogRequest, context: grpc.ServicerContext
    ) -> Iterator[job_pb.StreamJobLogResponse]:
        with self._authentication.authorize(context, "StreamJobLog") as caller:
            self._reads.job(caller, request.job_id)
            wanted = job_log.wanted(request)
            with self._streams.enter(context, caller.arn, caller.claims.session_id) as stream:
                yield from self._log.messages(wanted, stream)


class ProfileServicer(ProfileServiceServicer):
    """The profiles that the gateway read when it started."""

    def __init__(self, authentication: Authentication, catalogue: Catalogue) -> None:
        self._authentication = authentication
        self._profiles = catalogue.profiles

    def ListProfiles(
        self, request: profile_pb.ListProfilesRequest, context: grpc.ServicerContext
    ) -> profile_pb.ListProfilesResponse:
        with self._authentication.authorize(context, "ListProfiles"):
            profiles = [profile_messages.profile(self._profiles[name]) for name in sorted(self._profiles)]
            return profile_pb.ListProfilesResponse(profiles=profiles)

    def GetProfile(self, request: profile_pb.GetProfileRequest, context: grpc.ServicerContext) -> profile_pb.Profile:
        with self._authentication.authorize(context, "GetProfile"):
            found = self._profiles.get(request.name)
            if found is None:
                raise NotFound("there is no such profile; the list of profiles names them all")
            return profile_messages.profile(found)
