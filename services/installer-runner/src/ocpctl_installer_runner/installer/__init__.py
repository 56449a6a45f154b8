"""The installer as a process: guard, commands, its log. The only room that starts processes."""
