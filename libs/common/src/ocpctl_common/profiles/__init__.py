"""Cluster profiles: what may be asked for, and what a request resolves to."""
