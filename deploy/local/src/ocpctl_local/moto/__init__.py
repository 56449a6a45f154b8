"""The local AWS endpoint: moto's server, corrected, with faults; and what it holds."""
