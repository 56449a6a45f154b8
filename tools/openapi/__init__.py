"""Prints the public contract as OpenAPI 3.1, from the protobuf descriptors and their comments.

No usable generator of OpenAPI 3.1 from google.api.http exists for Python, and `buf breaking` does not see URLs: the
committed `docs/openapi.json` is what a change of the API must change, too.
"""
