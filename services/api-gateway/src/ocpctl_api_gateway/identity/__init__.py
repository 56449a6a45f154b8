"""Who calls: sign-in, sessions, signed requests, and the authentication of every call."""
