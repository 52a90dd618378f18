"""The doors on the command line: set-up, staff, the worker, everything on one machine."""
