"""What must always hold (DESIGN.md section 3), each by name and by example, on both databases."""
