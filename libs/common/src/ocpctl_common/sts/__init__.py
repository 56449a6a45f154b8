"""Who signs in: a signed GetCallerIdentity as proof, checked by AWS or, in development, by a key ring."""
