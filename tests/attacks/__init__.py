"""Attacks that once worked, replayed whole: bounded in count and time, on this machine alone."""
