"""The front page is put into words once for the same facts, and anew for any other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.db import db
from helpline.domain.hours_plan import EmergencyClosure
from helpline.hours import queries as hours
from helpline.policy.models import ServicePolicy
from helpline.queue import claims as queue
from helpline.staff import service as accounts
from helpline.telephony.models import CallerId
from helpline.web.page_cache import page_cache
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


def test_of_a_persons_page_nothing_that_is_theirs_is_kept(app, client, at):
    at("2026-11-23 11:00")
    kavita, arjun = factories.link(KAVITA), factories.link(ARJUN)
    at.later(seconds=10)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
    for token, visitor, other in ((kavita, KAVITA, arjun), (arjun, ARJUN, kavita)) * 2:
        page = client.get(f"/request/{token}").text
        assert token in page and other not in page
        assert f"••{visitor.phone[-3:]}" in page
    kept = repr(page_cache()._pages)
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
        lambda: queue.claim_next(factories.staff(ASHA).id, now=clock.now()),
        lambda: queue.claim_next(factories.staff(RAVI).id, now=clock.now()),
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
