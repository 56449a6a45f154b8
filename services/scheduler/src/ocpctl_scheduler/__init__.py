"""The one writer: accepts requests, hands out leases, decides what follows, rings the doorbell."""
