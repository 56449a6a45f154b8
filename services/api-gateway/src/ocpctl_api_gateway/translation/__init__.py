"""Translates between the public protobuf and the values of the domain."""
