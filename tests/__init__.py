"""The tests mirror helpline/. conftest.py has the fixtures, cast.py the people, factories.py the deeds."""
