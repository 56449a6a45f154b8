"""Drives the real `openshift-install` under a lease. No database: queue, scheduler, S3, secrets, the cloud."""
