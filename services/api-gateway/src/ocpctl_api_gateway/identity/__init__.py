"""Who calls: sign-in, sessions, signed requests, and the door that every call passes."""
