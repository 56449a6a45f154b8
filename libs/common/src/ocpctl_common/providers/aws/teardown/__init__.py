"""Around a destroy: what keeps it right before it runs, and the look for what it left."""
