"""The command `ocpctl`: REST through Envoy, and nothing else. Data goes to stdout, all other words to stderr."""
