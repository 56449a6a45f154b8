"""AWS Signature Version 4: what is signed, and whether a request was signed with a key that is known here. Pure."""
