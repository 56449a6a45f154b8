"""What a cluster leaves in an AWS account: where candidates come from, and how each is confirmed by its own service.

One module a family. Teardown verification and the orphan search share it, so neither knows a type that the other
does not. docs/installer.md compares the list with what the installer's own destroyer deletes.
"""
