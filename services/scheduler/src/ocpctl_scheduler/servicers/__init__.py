"""The scheduler's gRPC services: each method translates and delegates."""
