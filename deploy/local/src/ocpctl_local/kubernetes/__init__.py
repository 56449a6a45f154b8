"""A stand-in for the APIs of the simulated clusters: real HTTPS, machine sets, client certificates."""
