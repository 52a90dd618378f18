"""The tests mirror helpline/. Fixtures: conftest.py; people: cast.py; their deeds: factories.py."""
