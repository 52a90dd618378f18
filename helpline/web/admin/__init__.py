"""The admin's house: how the service stands, its hours, its crisis lines."""
