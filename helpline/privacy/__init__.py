"""Privacy: encryption at rest, the phone index, audit log, retention and tombstones."""
