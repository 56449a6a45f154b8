"""The clouds in which clusters live: one folder each, named once in `registry`.

Not what this platform itself stands on: artifacts, queues, secrets and the identities of callers are other rooms
(docs/decisions/0016).
"""
