"""`python -m ocpctl_cli`."""

from ocpctl_cli.main import main

main()
