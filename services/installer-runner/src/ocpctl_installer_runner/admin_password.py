"""The password of a cluster's first user, in a secret of its attempt: it costs money for as long as it exists."""

from ocpctl_installer_runner.run import Run


def store(run: Run, password: str) -> str:
    """Stores the password of this run's attempt; returns the secret's ARN. Raises LeaseLost, Unavailable."""
    run.lease.check()
    return run.dependencies.secrets.create(_name(run, run.context.grant.attempt_id), password)


def delete(run: Run, attempt_id: str) -> None:
    """When it returns, an attempt of this cluster has no secret. Raises LeaseLost, Unavailable."""
    run.lease.check()
    run.dependencies.secrets.delete(_name(run, attempt_id))


def _name(run: Run, attempt_id: str) -> str:
    return f"ocpctl/clusters/{run.context.grant.cluster_id}/{attempt_id}/kubeadmin"
