"""A third language: a tiny catalog, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    """One file more in the folder of catalogs, and nothing else."""
    for file in catalogs.FOLDER.glob("*.po"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "ur.po").write_text(URDU, encoding="utf-8")
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path)
    yield
