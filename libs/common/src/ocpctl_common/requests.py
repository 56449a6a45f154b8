"""How a mutating request is known, and the answer to one that is carried out later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpctl_common.ids import ClusterId, JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """An idempotency key, scoped to the caller and the RPC, with the hash of the request that it came with."""

    principal: str
    rpc: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answer to a request, new or replayed. `spec_json`: what a replayed create was accepted as."""

    cluster_id: ClusterId
    job_id: JobId
    status: str
    replayed: bool = False
    spec_json: str = ""

    def to_json(self) -> str:
        """What is stored with the key."""
        return json.dumps({"clusterId": self.cluster_id, "jobId": self.job_id, "status": self.status})

    @classmethod
    def again(cls, stored: Mapping[str, Any]) -> "Accepted":
        """The answer of an earlier call."""
        return cls(cluster_id=stored["clusterId"], job_id=stored["jobId"], status=stored["status"], replayed=True)
