"""The protocol's times as the settings of each service."""

import json

from ocpctl_local.settings import LeaseTimes


def of_scheduler(times: LeaseTimes) -> dict[str, str]:
    """The settings of the scheduler."""
    return {
        "OCPCTL_LEASE_SECONDS": str(times.lease),
        "OCPCTL_HEARTBEAT_SECONDS": str(times.heartbeat),
        "OCPCTL_TRUST_SECONDS": str(times.trust),
        "OCPCTL_KILL_SECONDS": str(times.kill),
        "OCPCTL_QUARANTINE_SECONDS": str(times.quarantine),
        "OCPCTL_CLAIM_SECONDS": str(times.claim),
        "OCPCTL_BACKOFF_UNIT_SECONDS": str(times.backoff_unit),
        "OCPCTL_RELAY_CLAIM_SECONDS": str(times.relay_claim),
        "OCPCTL_VERIFICATION_SECONDS": json.dumps(times.verification_pauses),
        "OCPCTL_CONCURRENCY_RESTORE_SECONDS": str(times.concurrency_restore),
    }


def of_runner(times: LeaseTimes) -> dict[str, str]:
    """The settings of a runner."""
    return {
        "OCPCTL_TEARDOWN_INTERVAL_SECONDS": str(times.teardown_interval),
        "OCPCTL_UNREACHABLE_PAUSE_SECONDS": str(times.sweep),
        "OCPCTL_STALL_SECONDS": str(times.stall),
        "OCPCTL_STOP_SECONDS": str(times.stop),
        "OCPCTL_DRAIN_SECONDS": str(times.drain),
        "OCPCTL_POLL_SECONDS": "2",
        "OCPCTL_SCALE_POLL_SECONDS": "0.3",
    }


def of_janitor(times: LeaseTimes) -> dict[str, str]:
    """The settings of the janitor."""
    return {
        "OCPCTL_TAKEOVER_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_EXPIRY_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_REDISPATCH_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_REDISPATCH_SILENCE_SECONDS": str(times.silence),
        "OCPCTL_DEAD_LETTER_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_VERIFICATION_INTERVAL_SECONDS": str(times.sweep),
        "OCPCTL_GAUGE_INTERVAL_SECONDS": "15",
        "OCPCTL_USAGE_INTERVAL_SECONDS": str(times.usage),
        "OCPCTL_ORPHAN_INTERVAL_SECONDS": str(times.orphans),
        "OCPCTL_ORPHAN_GRACE_SECONDS": str(times.orphans),
    }
