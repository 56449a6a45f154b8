"""Lists clusters over gRPC: needs the packages ocpctl-stubs (libs/stubs), grpcio, and a session in OCPCTL_TOKEN."""

import os

import grpc
from ocpctl.v1.cluster_service_pb2 import ListClustersRequest
from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceStub

secure, _, address = os.environ["OCPCTL_URL"].partition("://")
open_channel = (
    grpc.insecure_channel if secure == "http" else lambda to: grpc.secure_channel(to, grpc.ssl_channel_credentials())
)
with open_channel(address) as channel:
    session = [("authorization", f"Bearer {os.environ['OCPCTL_TOKEN']}")]
    for cluster in ClusterServiceStub(channel).ListClusters(ListClustersRequest(), metadata=session).clusters:
        print(cluster.id, cluster.name)
