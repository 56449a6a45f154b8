"""Where the internal protobuf meets the domain."""
