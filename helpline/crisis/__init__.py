"""The directory of lines that answer now. Low in the house, so that it stands when all else is down."""
