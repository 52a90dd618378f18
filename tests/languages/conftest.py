"""What the tests of languages share."""

from tests.languages.third import with_urdu

__all__ = ["with_urdu"]
