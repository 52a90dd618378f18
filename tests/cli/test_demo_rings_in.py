"""On one machine, the simulated phones can ring the helpline."""

from __future__ import annotations

import pytest
from flask import Flask

from config import Settings
from helpline.cli import machine


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_demos_phones_know_where_a_call_to_the_helpline_leads(
    app: Flask, settings: Settings
) -> None:
    phones = machine._programs(True, settings, 8000, 8001, 8002)["phones"]
    address = phones[phones.index("--voice-url") + 1]
    assert address.startswith(settings.public_url)
    path = address.removeprefix(settings.public_url)
    assert app.url_map.bind("").match(path, method="POST")[0] == "call_in.rang"
