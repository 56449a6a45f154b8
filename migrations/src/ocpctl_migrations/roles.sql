-- Run once as whoever may create roles, before the first migration. In production set passwords or IAM authentication on the three.
-- No service logs in as the owner: ocpctl_migrator is for migrations only.
CREATE ROLE ocpctl_migrator LOGIN;
CREATE ROLE ocpctl_scheduler LOGIN;
CREATE ROLE ocpctl_reader LOGIN;
