"""The one writer: accepts requests, hands out leases, decides what follows, dispatches jobs."""
