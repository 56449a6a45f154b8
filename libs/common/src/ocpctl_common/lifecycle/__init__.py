"""Pure rules of the life of a cluster: states, transitions, what follows an attempt, lease times."""
