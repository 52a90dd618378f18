"""The rules of the service as pure values: no database, no network, no clock of its own."""
