"""AWS: small ports with only the verbs that are used."""
