"""The public door: who asks, may they, does policy allow it. Reads the database, writes by asking the scheduler."""
