"""The policies of deploy/cloudformation/target-account.yaml: those of policies.yaml that belong where clusters live."""

import re

from tools.policies import TEMPLATE

RESOURCE = re.compile(r"^  (?=\w+:$)", re.MULTILINE)
# A comment between two resources belongs to the one below it.
COMMENT = re.compile(r"(?:^  #.*\n)+\Z", re.MULTILINE)
ROLES = re.compile(r"(?<=^      Roles:\n)(?:        - .*\n)+", re.MULTILINE)
HERE = "    Condition: ClustersHere\n"
PRIVATE = "    Condition: HasPrivateDiscovery\n"


def render() -> str:
    """Each policy as it stands there, attached to the one role that acts in that account."""
    resources = TEMPLATE.read_text().partition("\nResources:\n")[2]
    blocks = [COMMENT.sub("", block).rstrip() for block in RESOURCE.split(resources)]
    return "\n\n".join(_moved(block) for block in blocks if HERE in block or PRIVATE in block) + "\n"


def _moved(block: str) -> str:
    return "  " + ROLES.sub("        - !Ref ClusterRole\n", block.replace(HERE, ""))
