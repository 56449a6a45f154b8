"""ocpctl.v1.JobService and ocpctl.v1.ProfileService."""

import grpc
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl.v1.job_service_pb2_grpc import JobServiceServicer
from ocpctl.v1.profile_service_pb2_grpc import ProfileServiceServicer

from ocpctl_api_gateway import translate
from ocpctl_api_gateway.clusters import Ports


class JobServicer(JobServiceServicer):
    """Jobs."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def GetJob(self, request: job_pb.GetJobRequest, context: grpc.ServicerContext) -> job_pb.Job:
        """See the proto."""
        with self._ports.door.enter(context, "GetJob") as caller:
            return translate.job(self._ports.reader.job(caller, request.job_id))


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
            return profile_pb.ListProfilesResponse(profiles=[translate.profile(found[name]) for name in sorted(found)])
