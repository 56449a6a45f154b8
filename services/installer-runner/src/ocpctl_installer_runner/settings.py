"""The runner's settings."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.providers.settings import ClusterRoleSettings
from pydantic import Field, field_validator, model_validator

ACCOUNT = re.compile(r"\d{12}", re.ASCII)


class RunnerSettings(ClusterRoleSettings):
    """Installs, scales and destroys clusters, one `openshift-install` a slot.

    With the word `--once` it takes one job, does it to its end, and ends; it has one slot then.

    Times are seconds. Those of the lease come from the scheduler with every answer.
    """

    runner_id: str = Field(min_length=1, description="unique name of this process")
    slots: int = Field(4, ge=1, description="runs at once")
    pools: frozenset[Pool] = Field(
        frozenset(Pool), min_length=1, description='what this runner does, as JSON list: "creates", "destroys" or both'
    )
    reserved_create_slots: int = Field(1, ge=1, description="slots that destroys never take, where both are done")
    reserved_destroy_slots: int = Field(1, ge=1, description="slots that creates never take, where both are done")
    scheduler_target: str = Field(description="host:port of the schedulers: all addresses of the name, or ipv4:a:p,b:p")
    queue_url: str = Field("", description="URL of ocpctl-jobs.fifo; for the pool creates")
    destroy_queue_url: str = Field("", description="URL of ocpctl-destroys.fifo; for the pool destroys")
    bucket: str = Field(description="artifact bucket")
    pull_secret_arn: str = Field(description="secret with the pull secret")
    installers_dir: Path = Field(description="folder with <version>/{openshift-install,oc,ccoctl,SHA256SUMS}")
    profiles_dir: Path | None = Field(
        None,
        description="folder of the profiles; for the pool creates: none without a release that they allow",
    )
    fitness_seconds: float = Field(
        30,
        gt=0,
        description="pause between checks of releases, pull secret, bucket, credentials and room",
    )
    work_dir: Path = Field(description="folder for the attempts' directories; private to this runner")
    stop_seconds: float = Field(90, gt=0, description="how long the installer may take to stop after SIGTERM")
    teardown_interval_seconds: float = Field(
        120, ge=0, description="pause between the checks of a teardown verification"
    )
    stall_seconds: float = Field(600, gt=0, description="after so long without progress a destroy says what is left")
    scale_poll_seconds: float = Field(
        10, gt=0, description="pause between reads of a cluster's workers while they scale"
    )
    pid_namespace: bool = Field(
        default=True, description="run the installer in a PID namespace where the host allows it"
    )
    mint_accounts: frozenset[str] = Field(
        frozenset(),
        description="accounts, as JSON list, in which clusters make their own credentials from this runner's access "
        "keys; everywhere else, and with keys of a role, they are made for the cluster by `ccoctl`",
    )
    private_discovery: bool = Field(
        default=False,
        description="keep the bucket with a cluster's discovery documents private, where the account "
        "blocks public buckets; an install takes some minutes more",
    )
    failure_rules: Path | None = Field(None, description="YAML file with failure rules of your own; they come first")
    poll_seconds: int = Field(20, ge=1, le=20, description="length of a long poll; a stop waits for the current one")
    unreachable_pause_seconds: float = Field(
        30, gt=0, description="pause when the scheduler cannot be reached; its message waits up to four times as long"
    )
    drain_seconds: float = Field(3600, ge=0, description="how long running installs may go on after SIGTERM")
    once_wait_seconds: float = Field(
        120, gt=0, description="with --once: how long it waits for a job before it ends; longer than a message's claim"
    )

    def for_one_job(self) -> Self:
        """The same runner with one slot, which every pool may use."""
        return self.model_copy(update={"slots": 1, "reserved_create_slots": 0, "reserved_destroy_slots": 0})

    @property
    def reserved(self) -> Mapping[Pool, int]:
        """The pools that are served, each with the slots that no other one takes."""
        if len(self.pools) == 1:
            return dict.fromkeys(self.pools, self.slots)
        return {Pool.CREATES: self.reserved_create_slots, Pool.DESTROYS: self.reserved_destroy_slots}

    @property
    def queues(self) -> Mapping[Pool, str]:
        """The queue of each pool that is served."""
        urls = {Pool.CREATES: self.queue_url, Pool.DESTROYS: self.destroy_queue_url}
        return {pool: url for pool, url in urls.items() if pool in self.pools}

    @field_validator("mint_accounts")
    @classmethod
    def _are_accounts(cls, accounts: frozenset[str]) -> frozenset[str]:
        """A word that is none would only mean that no account is named."""
        if wrong := sorted(word for word in accounts if not ACCOUNT.fullmatch(word)):
            raise ValueError(f"must be account ids of twelve digits, not {wrong[0]!r}")
        return accounts

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        names = {Pool.CREATES: "OCPCTL_QUEUE_URL", Pool.DESTROYS: "OCPCTL_DESTROY_QUEUE_URL"}
        if missing := [pool for pool, url in self.queues.items() if not url]:
            raise ValueError(f"no queue for {missing[0]}: set {names[missing[0]]}, or leave it out of OCPCTL_POOLS")
        if Pool.CREATES in self.pools and self.profiles_dir is None:
            raise ValueError("creates need the releases that may be asked for: set OCPCTL_PROFILES_DIR")
        if sum(self.reserved.values()) > self.slots:
            raise ValueError(
                f"{self.slots} slots cannot keep {self.reserved_create_slots} for creates and "
                f"{self.reserved_destroy_slots} for destroys: set OCPCTL_SLOTS higher, or OCPCTL_POOLS to one pool"
            )
        return self
