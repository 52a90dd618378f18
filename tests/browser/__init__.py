"""The whole story in a real browser: what people see, press and type."""
