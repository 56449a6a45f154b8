"""Looks for resources in the cloud that carry our tags and belong to nothing that lives. Only looks, and tells."""
