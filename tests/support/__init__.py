"""What the fixtures are made of: databases, the clock, a browser without JavaScript, one with."""
