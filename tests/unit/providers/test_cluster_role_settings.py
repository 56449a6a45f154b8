"""The settings of the cluster role, the same of runner and janitor."""

from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.providers.protocol import ClusterRole
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_janitor import sweeps
from ocpctl_janitor.settings import JanitorSettings

ARN = "arn:aws:iam::210987654321:role/path/clusters"
ROLE = ClusterRole(arn=ARN, external_id="of-ocpctl")


def runner(folder: Path, **changes: str) -> RunnerSettings:
    values: dict[str, Any] = {"pools": ["destroys"], "destroy_queue_url": "d", "runner_id": "r", "tls_dir": folder}
    values |= dict.fromkeys(("scheduler_target", "bucket", "pull_secret_arn"), "-")
    return RunnerSettings(**(values | {"installers_dir": folder, "work_dir": folder} | changes))


def janitor(folder: Path, **changes: str) -> JanitorSettings:
    values: dict[str, Any] = {"database_url": "postgresql://x", "tls_dir": folder}
    values |= dict.fromkeys(("scheduler_target", "dead_letter_queue_url"), "-")
    return sweeps.Settings(**(values | changes))


@pytest.mark.parametrize("service", [runner, janitor])
def test_runner_and_janitor_take_the_same_settings(service: Any, tmp_path: Path) -> None:
    assert service(tmp_path).cluster_role is None
    assert service(tmp_path, cluster_role_arn=ARN).cluster_role == ClusterRole(arn=ARN)
    assert service(tmp_path, cluster_role_arn=ARN, cluster_role_external_id="of-ocpctl").cluster_role == ROLE


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cluster_role_arn": "clusters"}, "must be the ARN of a role"),
        ({"cluster_role_arn": "arn:aws:iam::210987654321:user/clusters"}, "must be the ARN of a role"),
        ({"cluster_role_arn": "arn:aws:sts::210987654321:assumed-role/clusters/s"}, "must be the ARN of a role"),
        ({"cluster_role_arn": f"{ARN}\nsource_profile = x"}, "must be the ARN of a role"),
        ({"cluster_role_arn": ARN, "cluster_role_external_id": "a\nb"}, "must have 2 to 1224 characters"),
        ({"cluster_role_external_id": "of-ocpctl"}, "set OCPCTL_CLUSTER_ROLE_ARN"),
    ],
)
def test_settings_that_name_no_role(changes: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=told):
        runner(tmp_path, **changes)
