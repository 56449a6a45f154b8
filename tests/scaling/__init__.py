"""Runners that are started for jobs and end with them: a stand-in for KEDA, and what must be true of a history."""
