"""What every directory that admins keep is made of: entries with an order, sources and versions."""
