"""A third language: a tiny catalog, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from helpline.i18n import catalogs

URDU = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Ask for a call"
msgstr "ہم سے کال مانگیں"

msgctxt "text"
msgid "We are about to call you."
msgstr "ہم ابھی آپ کو فون کرنے والے ہیں۔"

msgctxt "voice"
msgid "We are closed right now."
msgstr "ہم ابھی بند ہیں۔"
"""


@pytest.fixture
def with_urdu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One catalog more, and nothing else."""
    shutil.copytree(catalogs.FOLDER, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "ur" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog = read_po(StringIO(URDU), locale="ur")
    with (folder / "messages.mo").open("wb") as compiled:
        write_mo(compiled, catalog)
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path)
    yield
