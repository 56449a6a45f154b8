"""Where the internal protobuf meets the domain. Nothing else in the runner imports it."""
