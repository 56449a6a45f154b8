"""The container images: how they are built."""
