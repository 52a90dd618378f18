"""What the tests of languages share."""

import os

import pytest

from tests.languages import template
from tests.languages.third import with_urdu

__all__ = ["with_urdu"]


@pytest.fixture(scope="session", autouse=True)
def _messages_are_extracted_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The processes of a test run have folders of their own in one that they share."""
    own = tmp_path_factory.getbasetemp()
    template.FOLDER[:] = [own.parent if "PYTEST_XDIST_WORKER" in os.environ else own]
