"""AWS as the platform that this product stands on: small ports with only the verbs that are used.

The clouds in which clusters live are another matter: `ocpctl_common.providers`.
"""
