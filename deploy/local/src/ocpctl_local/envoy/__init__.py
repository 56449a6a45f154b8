"""The stack's Envoy."""
