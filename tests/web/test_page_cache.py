"""The front page is put into words once for the same facts, and anew for any other."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from random import Random

import brotli
import pytest
import sqlalchemy as sa
from flask import template_rendered
from markupsafe import escape

from helpline import clock
from helpline.callbacks import claims
from helpline.db import db
from helpline.domain.hours_plan import EmergencyClosure
from helpline.hours import queries as hours
from helpline.policy.models import ServicePolicy
from helpline.staff import service as accounts
from helpline.telephony.models import CallerId
from helpline.web.page_cache import CachedPage, _placeholder
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support.web import form_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def nonces(page):
    return set(re.findall(r'nonce="([^"]+)"', page.text))


def test_each_answer_has_words_of_its_own(client, at):
    at("2026-11-23 11:00")
    first, second = client.get("/"), client.get("/")
    for page in (first, second):
        assert len(nonces(page)) == 1
        assert f"'nonce-{nonces(page).pop()}'" in page.headers["Content-Security-Policy"]
    assert nonces(first) != nonces(second)
    keys = [form_of(page, "region").fields["request_key"][0] for page in (first, second)]
    assert keys[0] != keys[1]
    at.later(minutes=1)
    began = [form_of(page, "region").fields["began"][0] for page in (second, client.get("/"))]
    assert began[0] != began[1], "a form tells since when it is shown itself"
    for visitor, page in ((KAVITA, first), (ARJUN, second)):
        sent = client.submit(form_of(page, "region"), phone=visitor.phone, consent=True)
        assert sent.status_code == 303


def test_whatever_changes_is_seen_by_the_next_who_looks(client, at):
    at("2026-11-23 11:00")
    seen = [without_own_words(client.get("/"))]
    assert without_own_words(client.get("/")) == seen[0]

    def need_change(what):
        page = without_own_words(client.get("/"))
        assert page not in seen, what
        seen.append(page)

    db.session.execute(sa.insert(ServicePolicy).values(id=1, slot_capacity=1, slot_minutes=60))
    db.session.commit()
    need_change("the rules")
    factories.link(KAVITA, slot_at=factories.slot("15:00"))
    need_change("a time is full")
    db.session.add(CallerId(region="IN", number="+911140000001"))
    db.session.commit()
    need_change("the number we ring from")
    factories.opening_hours(("09:00", "17:00"))
    need_change("the hours")
    at("2026-11-23 13:00")
    need_change("the clock")
    at("2026-11-23 17:00")
    need_change("we closed")
    at("2026-11-24 08:00")
    need_change("the day")


def test_the_red_switch_counts_to_the_second_on_a_page_that_is_kept(client, at):
    at("2026-11-23 11:00:10")
    assert not is_closed(client.get("/"))
    at("2026-11-23 11:00:40")
    now = clock.now()
    plan = hours.plan(db.session())
    factories.save_plan(
        replace(plan, shut=EmergencyClosure(now, now + timedelta(minutes=29, seconds=40)))
    )
    assert is_closed(client.get("/"))
    at("2026-11-23 11:30:19")
    assert is_closed(client.get("/"))
    at("2026-11-23 11:30:20")
    assert not is_closed(client.get("/"))


def is_closed(page):
    return "You can call these numbers now" in page.text


def test_another_address_is_another_page(client, at):
    at("2026-11-23 11:00")
    english, hindi, american = client.get("/"), client.get("/hi/"), client.get("/?region=US")
    assert 'lang="en"' in english.text and 'lang="hi"' in hindi.text
    assert 'href="tel:911"' in american.text and 'href="tel:911"' not in english.text
    assert client.get("/").text.count('lang="hi"') == english.text.count('lang="hi"')


def without_own_words(page):
    fields = form_of(page, "region").fields
    own = (nonces(page).pop(), fields["request_key"][0], fields["began"][0])
    text = page.text
    for words in own:
        text = text.replace(words, "")
    return text


def cached_texts(app):
    """All that the cache holds."""
    pages = app.extensions["helpline-cached-pages"]._pages
    return (
        repr(list(pages))
        + b"".join(text for page in pages.values() for text in page.texts).decode()
    )


def test_of_a_persons_page_nothing_that_is_theirs_is_kept(app, client, at):
    at("2026-11-23 11:00")
    kavita, arjun = factories.link(KAVITA), factories.link(ARJUN)
    at.later(seconds=10)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
    for token, visitor, other in ((kavita, KAVITA, arjun), (arjun, ARJUN, kavita)) * 2:
        page = client.get(f"/request/{token}").text
        assert token in page and other not in page
        assert f"••{visitor.phone[-3:]}" in page
    kept = cached_texts(app)
    assert "Ahead of you" in kept, "there is something to be found"
    for told in (kavita, arjun, KAVITA.phone[-3:] + "<", ARJUN.phone[-3:] + "<", "••"):
        assert told not in kept


def test_a_persons_page_follows_what_becomes_of_their_request(client, at):
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    factories.link(ARJUN, slot_at=factories.slot("11:30"))
    seen = [main_of(client.get(f"/request/{token}"))]
    for change in (
        lambda: at("2026-11-23 11:30:00"),
        lambda: claims.claim_next(factories.staff(ASHA).id, now=clock.now()),
        lambda: claims.claim_next(factories.staff(RAVI).id, now=clock.now()),
        lambda: client.post(f"/request/{token}/cancel"),
        lambda: client.post(f"/request/{token}/erase"),
    ):
        change()
        accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
        first, again = (main_of(client.get(f"/request/{token}")) for _ in range(2))
        assert first == again
        assert first != seen[-1]
        seen.append(first)
    ahead = ["1 person" in each for each in seen]
    assert ahead == [False, True, False, False, False, False], "Arjun is, until he is rung"


def without_values(text):
    """A page without its nonce, form key and time."""
    return re.sub(r'nonce="[^"]+"|name="(request_key|began)"[^>]*', "", text)


def main_of(page):
    return page.text[page.text.index("<main") : page.text.index("</main>")]


@pytest.mark.settings(site_languages=("hi", "en"))
def test_a_part_that_staff_were_shown_in_english_is_not_shown_to_a_visitor(client, new_client, at):
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    refused = client.get("/admin/")
    assert refused.status_code == 403 and "Skip to main content" in refused.text
    page = new_client().get("/")
    assert 'lang="hi"' in page.text and "Skip to main content" not in page.text


@pytest.mark.parametrize(
    ("accepted", "packing", "unpack"),
    [("gzip, deflate", "gzip", gzip.decompress), ("gzip, br", "br", brotli.decompress)],
)
def test_a_compressed_page_is_the_same_page_with_its_own_words(
    client, at, accepted, packing, unpack
):
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    for path in ("/", "/hi/", "/crisis?region=US", f"/request/{token}", "/no/such/page?a=1&b=2"):
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": accepted})
        assert packed.headers["Content-Encoding"] == packing, path
        assert "Content-Encoding" not in plain.headers
        assert packed.status_code == plain.status_code
        for page in (plain, packed):
            assert "Accept-Encoding" in page.headers["Vary"]
            assert int(page.headers["Content-Length"]) == len(page.data)
        text = unpack(packed.data).decode()
        [nonce] = set(re.findall(r'nonce="([^"]+)"', text))
        assert f"'nonce-{nonce}'" in packed.headers["Content-Security-Policy"]
        assert without_values(text) == without_values(plain.text), path
        assert len(packed.data) < len(plain.data) / 3


def test_brotli_is_preferred_and_nothing_is_sent_that_a_browser_does_not_take(client, at):
    at("2026-11-23 11:00")
    for accepted, packed in (
        ("gzip, deflate, br, zstd", "br"),
        ("br, gzip;q=0", "br"),
        ("gzip, br;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ):
        page = client.get("/crisis", headers={"Accept-Encoding": accepted})
        assert page.headers.get("Content-Encoding") == packed
        assert "Accept-Encoding" in page.headers["Vary"]


@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_the_length_of_a_compressed_page_tells_nothing_of_its_values(client, at, packing):
    at("2026-11-23 11:00")
    path = "/crisis?region=IN&probe="
    lengths = {
        len(client.get(path + probe, headers={"Accept-Encoding": packing}).data)
        for probe in ("overdose-emergency", "qxzvkwjyqzxkvjwqyz")
    }
    assert len(lengths) == 1


@pytest.mark.parametrize("length", [0, 1, 65535, 65536, 200_000])
def test_values_of_any_length_are_filled_in(app, length):
    with app.test_request_context("/"):
        value = ("<&" * length)[:length]
        page = CachedPage(f"<p>{_placeholder('value')}</p> and {_placeholder('value')}")
        expected = f"<p>{escape(value)}</p> and {escape(value)}".encode()
        assert page.filled({"value": value}) == expected
        assert gzip.decompress(page.gzipped({"value": value})) == expected
        packed = page.brotli({"value": value})
        assert packed is None if length > 4096 else brotli.decompress(packed) == expected


def test_values_are_filled_in_between_texts_of_any_length(app):
    """The cached texts are read right whatever the values beside them are."""
    dice, joined = Random(1), 0
    words = ["<p>", "हेल्पलाइन", "112", " class=", '"', "quick exit", "\n", "तुरंत"]
    with app.test_request_context("/"):
        for _ in range(60):
            texts = ["".join(dice.choices(words, k=dice.randrange(40))) for _ in range(8)]
            page = CachedPage(texts[0] + "".join(_placeholder("a") + each for each in texts[1:]))
            value = "".join(dice.choices(words, k=6))
            for same_length in (value, value.swapcase(), value[::-1]):
                expected = page.filled({"a": same_length})
                packed = page.brotli({"a": same_length})
                assert packed is None or brotli.decompress(packed) == expected
                joined += packed is not None
    assert joined > 150, "of 180; the others are compressed as a whole"


def test_error_pages_are_rendered_once_and_hold_no_address(app, client, at):
    at("2026-11-23 11:00")
    rendered = []
    with template_rendered.connected_to(
        lambda _app, template, **_: rendered.append(template.name), app
    ):
        for path in ("/no-such-page-1", "/hi/no-such-page-2", "/request/of-nobody-at-all-000001"):
            page = client.get(path)
            assert page.status_code == 404 and "112" in page.text
            assert f'href="/en{path.removeprefix("/hi")}"' in page.text
    assert rendered.count("visitor/error.html") == 2, "once in each language"
    assert "no-such-page" not in cached_texts(app)
    assert "of-nobody" not in cached_texts(app)


def test_the_crisis_page_comes_from_memory_until_its_minute_is_over(app, client, at):
    at("2026-11-23 11:00:10")
    rendered = []
    with template_rendered.connected_to(
        lambda _app, template, **_: rendered.append(template.name), app
    ):
        for _ in range(3):
            assert "112" in client.get("/crisis").text
        assert rendered.count("visitor/crisis.html") == 1
        at.later(minutes=1)
        client.get("/crisis")
        assert rendered.count("visitor/crisis.html") == 2
        client.set_cookie("left", "0123abcd")
        assert "0123abcd" in client.get("/crisis").text
        assert "0123abcd" in client.get("/no-such-page").text
        client.delete_cookie("left")
        assert "location.replace" not in client.get("/crisis").text
    assert "0123abcd" not in cached_texts(app)
