"""The rota: who works when, every week, and on which dates otherwise."""
