"""The right care: places that a visitor can go on to, and who was told of which."""
