"""Destroying what attempts made, and verifying that nothing of it is left."""
