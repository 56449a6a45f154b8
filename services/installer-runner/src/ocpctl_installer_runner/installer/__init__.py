"""The installer as a process: watchdog, commands, its log. The only package that starts processes."""
