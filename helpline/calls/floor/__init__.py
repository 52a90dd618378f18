"""The live floor: who is on what, and what a supervisor hands out, takes back or puts first."""
