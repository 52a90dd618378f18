"""What must hold when something dies: real processes, killed at the worst moment."""
