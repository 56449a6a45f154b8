"""The actors that the audit names where no person has asked."""

JANITOR = "ocpctl:janitor"
SCHEDULER = "ocpctl:scheduler"
