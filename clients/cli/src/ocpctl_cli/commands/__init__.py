"""The commands; each module is imported when one of its commands is asked for, and names them in COMMANDS."""
