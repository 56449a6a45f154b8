"""The public API. Authenticates, authorizes, applies policy; reads the database, asks the scheduler for changes."""
