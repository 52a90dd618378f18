"""Links by which new staff come in, each once."""
