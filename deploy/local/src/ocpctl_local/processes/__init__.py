"""Child processes, their ports and their output."""
