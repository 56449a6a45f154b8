"""Where the public protobuf meets the domain."""
