"""The migrations, and databases of earlier releases."""
