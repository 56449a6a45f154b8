"""What deploy/cloudformation/database.yaml promises: the local endpoint cannot make an instance with such a group."""

from typing import Any

import yaml
from ocpctl_local.settings import ROOT

from tools.policies import Loader

TEMPLATE = yaml.load((ROOT / "deploy" / "cloudformation" / "database.yaml").read_text(), Loader)  # noqa: S506 - a safe one
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
DATABASE = RESOURCES["Database"]["Properties"]


def test_the_database_outlives_mistakes() -> None:
    kept = RESOURCES["Database"]
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert DATABASE["DeletionProtection"] is True
    assert DATABASE["BackupRetentionPeriod"] == 14
    assert TEMPLATE["Parameters"]["MultiAz"]["Default"] == "true"


def test_nobody_reaches_it_but_its_clients_with_tls() -> None:
    assert (DATABASE["StorageEncrypted"], DATABASE["PubliclyAccessible"]) == (True, False)
    [rule] = RESOURCES["Access"]["Properties"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"], rule["SourceSecurityGroupId"]) == (5432, 5432, "${Clients}")
    assert RESOURCES["Parameters"]["Properties"]["Parameters"] == {"rds.force_ssl": "1"}
    assert RESOURCES["Parameters"]["Properties"]["Family"] == "postgres17"
    assert TEMPLATE["Parameters"]["EngineVersion"]["Default"].startswith("17.")


def test_its_first_password_is_made_by_aws_and_known_to_nobody() -> None:
    assert DATABASE["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in DATABASE
