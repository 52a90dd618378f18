"""A website of somebody else's, with our panel on it, so that one sees it in place.

It imports nothing of the helpline: all it knows is the helpline's address.
"""
