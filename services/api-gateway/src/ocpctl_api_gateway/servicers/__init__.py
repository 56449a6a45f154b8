"""The public services: each method translates and delegates."""
