"""Command line: set-up, staff, worker, backups, and running everything on one machine."""
