"""What a desk asks for every few seconds is sent again only when it is another."""

from __future__ import annotations

import pytest

from helpline import clock
from helpline.callbacks import claims
from tests import factories
from tests.cast import ARJUN, ASHA, VIKRAM

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_the_queue_is_sent_again_only_when_it_changed(client, at):
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    first = client.get("/desk/queue")
    tag = {"If-None-Match": first.headers["ETag"]}

    same = client.get("/desk/queue", headers=tag)
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["Cache-Control"] == "no-store"

    factories.callback(ARJUN)
    changed = client.get("/desk/queue", headers=tag)
    assert changed.status_code == 200 and "no set time" in changed.text

    tag = {"If-None-Match": changed.headers["ETag"]}
    assert client.get("/desk/queue", headers=tag).status_code == 304
    at.later(minutes=3)
    older = client.get("/desk/queue", headers=tag)
    assert older.status_code == 200 and "3 min" in older.text


def test_so_are_the_floor_and_the_line_of_what_is_in_hand(client, new_client, at):
    at("2026-11-23 11:00")
    factories.staff(VIKRAM)
    held = factories.claimed(ASHA, ARJUN)
    client.sign_in(ASHA)
    floor = new_client()
    floor.sign_in(VIKRAM)
    asked = [(client, "/desk/hand"), (floor, "/floor/live")]
    tags = [{"If-None-Match": browser.get(path).headers["ETag"]} for browser, path in asked]
    for (browser, path), tag in zip(asked, tags, strict=True):
        assert browser.get(path, headers=tag).status_code == 304
    claims.release(held.id, held.claimed_by, now=clock.now())
    for (browser, path), tag in zip(asked, tags, strict=True):
        assert browser.get(path, headers=tag).status_code == 200
