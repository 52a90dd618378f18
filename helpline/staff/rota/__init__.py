"""The rota: weekly shifts, days off and extra shifts."""
