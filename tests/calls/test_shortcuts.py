"""An advisor's own keys: changed, refused, reset and turned off."""

from __future__ import annotations

import pytest

from helpline.domain.shortcuts import DEFAULT_KEYS
from tests import factories
from tests.cast import RAVI
from tests.support.clock import Clock
from tests.support.web import Client, form_of

SAVE = "/desk/shortcuts"


@pytest.fixture(autouse=True)
def morning(at: Clock) -> None:
    at("2026-11-23 11:00")


def test_changed_keys_are_on_the_buttons_and_in_the_list(
    asha: Client, new_client: type[Client]
) -> None:
    page = asha.submit(asha.get(SAVE), SAVE, claim=",", help=";", follow=True).text
    assert "Claim next callback <kbd>,</kbd>" in page
    assert "<dt> <kbd>,</kbd></dt><dd>claim next callback</dd>" in page
    assert 'data-key=";"' in page
    factories.staff(RAVI)
    ravi = new_client()
    ravi.sign_in(RAVI)
    assert 'data-key="n"' in ravi.get("/desk/").text, "keys belong to one account"
    page = asha.submit(asha.get(SAVE), SAVE, reset="yes", follow=True).text
    assert 'data-key="n"' in page


def test_a_conflict_is_named_and_nothing_typed_is_lost(asha: Client) -> None:
    page = asha.submit(asha.get(SAVE), SAVE, call="n", stop="12", release=",")
    assert page.status_code == 422
    assert "N is already the key of “claim next callback”. Choose another." in page.text
    assert "Type one letter or sign" in page.text
    fields = form_of(page, SAVE).fields
    assert [fields[name] for name in ("call", "stop", "release")] == [["n"], ["12"], [","]]
    assert 'data-key="r"' not in asha.get("/desk/").text, "no callback is claimed"
    assert form_of(asha.get(SAVE), SAVE).fields["release"] == ["R"], "nothing was saved"


def test_single_keys_can_be_turned_off(asha: Client) -> None:
    factories.wrapping_up()
    page = asha.submit(asha.get(SAVE), SAVE, single_keys=False, follow=True).text
    keys = {part.split('"')[0] for part in page.split('data-key="')[1:]}
    assert keys == {key for key in DEFAULT_KEYS.values() if "ctrl" in key}
