"""Finds what needs attention and asks the scheduler, who decides. Two janitors at once are harmless."""
