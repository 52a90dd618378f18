"""What a button for a crisis line says is a whole sentence of the language."""

from __future__ import annotations

import pytest

from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def actions(client: Client, lang: str, region: str) -> list[str]:
    answer = client.get(f"/api/v1/availability?lang={lang}&region={region}").json
    assert answer is not None
    return [line["action"].replace("\u00a0", " ") for line in answer["crisis_numbers"]]


def test_a_line_says_how_to_call_it_or_what_to_text(client: Client) -> None:
    english, hindi = actions(client, "en", "US"), actions(client, "hi", "US")
    assert "Call 988" in english
    assert "988 पर फ़ोन करें" in hindi
    assert "Text HOME to 741741" in english
    assert "HOME लिखकर 741741 पर एसएमएस भेजें" in hindi
