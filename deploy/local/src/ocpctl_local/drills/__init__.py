"""Drills: what operators do on bad days, done on a stack of its own, every claim checked."""
