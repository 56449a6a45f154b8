"""The Envoy in front of ocpctl: its settings, and the files that it starts from."""
