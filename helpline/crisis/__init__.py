"""The directory of lines that answer now. It stands when all else is down."""
