"""An admin says it otherwise: it is read, heard and sent so everywhere, also without a database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.db import StaleVersion, db
from helpline.domain.text_override_rules import InvalidText
from helpline.i18n import catalogs, index, published_overrides
from helpline.i18n.index import TextEntry
from helpline.messaging import sms_templates
from helpline.privacy.models import AuditEntry
from helpline.telephony import prompts as telephony_prompts
from helpline.text_overrides import service
from tests import factories
from tests.cast import MEERA
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

HEADING = "We are here to assist you"
MINUTES = "%(num)d minute"
sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def word(text: str, context: str = "") -> TextEntry:
    pages = index.page_texts()
    texts = index.keyed_texts(catalogs.TEXT, sms_templates.english_templates())
    prompts = index.keyed_texts(catalogs.VOICE, telephony_prompts.prompts())
    every = (*pages, *texts, *prompts)
    return next(each for each in every if (each.context, each.text) == (context, text))


def path_of(settings: Settings) -> Path:
    return service.published_path(settings.published_crisis_file)


def say(what: TextEntry, *theirs: str, language: str = "en", expected_version: int = 0) -> None:
    service.save(
        what,
        language,
        theirs or None,
        expected_version=expected_version,
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )


def test_of_two_who_say_it_otherwise_at_once_one_is_refused(app: Flask, settings: Settings) -> None:
    heading, admin = word(HEADING), factories.staff(MEERA).id
    for expected_version in (0, 1):
        save: Callable[..., Any] = partial(
            service.save,
            heading,
            "en",
            expected_version=expected_version,
            admin_id=admin,
            now=clock.now(),
        )
        found = at_once(app, [partial(save, [f"We are here, {number}"]) for number in range(3)])
        assert found.count(None) == 1
        assert [type(each) for each in found if each] == [StaleVersion] * 2
    with pytest.raises(InvalidText):
        say(heading, "<b>We</b>", expected_version=2)
    with pytest.raises(StaleVersion):
        say(heading, expected_version=1)
    say(heading, expected_version=2)
    say(heading, "We are here", expected_version=3)
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [(each.deed, each.detail["after"]["words"]) for each in entries if "words" in each.deed]
    assert told[-2:] == [("words_reset", [HEADING]), ("words_changed", ["We are here"])]
    assert entries[-1].detail["before"] == {"words": [HEADING]}

    assert service.publish_if_changed(path_of(settings))
    assert not service.publish_if_changed(path_of(settings)), "nothing changed since"
    say(heading, expected_version=4)
    assert service.publish_if_changed(path_of(settings))
    assert published_overrides.load(path_of(settings)) == {}


@sqlite
def test_pages_texts_and_voice_say_it_so_and_all_forms_of_a_number(
    app: Flask, client: Client, settings: Settings, at: Clock
) -> None:
    at("2026-11-23 12:00")
    assert Page(client.get("/").text).the("h1").text == HEADING
    say(word(HEADING), "Talk with us")
    say(word(HEADING), "हमसे बात करें", language="hi")
    say(word(MINUTES), "%(num)d min", "%(num)d mins")
    say(word("We are about to call you.", "text"), "We ring you now.")
    say(word("We are closed right now.", "voice"), "हम बंद हैं।", language="hi")
    service.publish_if_changed(path_of(settings))
    assert Page(client.get("/").text).the("h1").text == "Talk with us", "though it was kept"
    assert Page(client.get("/hi/").text).the("h1").text == "हमसे बात करें"
    usual = catalogs.translations("en")
    told = [usual.ungettext(MINUTES, "%(num)d minutes", count) % {"num": count} for count in (1, 2)]
    assert told == ["1 min", "2 mins"]
    assert sms_templates.render("about_to_ring", "en") == "We ring you now."
    assert sms_templates.render("about_to_ring", "hi") != "We ring you now."
    assert telephony_prompts.voice_for("hi").say("closed") == "हम बंद हैं।"
    assert telephony_prompts.voice_for("en").say("closed") == "We are closed right now."
    assert sms_templates.load()["en"]["about_to_ring"] == "We are about to call you.", (
        "ours are kept"
    )


@sqlite
def test_another_process_says_it_so_within_a_second_and_ours_stand_in_for_what_is_broken(
    app: Flask, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = path_of(settings)

    def as_another_process(text: str) -> str:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(published_overrides.time, "monotonic", lambda: look_at[0])
        look_at[0] += 1
        return Page(client.get("/crisis").text).the("h1").text

    look_at = [10.0**9]
    ours = as_another_process("{}")
    assert as_another_process(f'{{"en": [["", "{ours}", "Numbers"]]}}') == "Numbers"
    for broken in (
        "not json",
        "[]",
        '{"en": 3}',
        f'{{"en": [["", "{ours}"]]}}',
        f'{{"en": [["", "{ours}", "<script>"]]}}',
        f'{{"en": [["", "{ours}", "%(name)s"]]}}',
    ):
        assert as_another_process(broken) == ours, broken


@sqlite
def test_while_the_database_is_down_the_words_still_stand(
    app: Flask, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(word("Crisis numbers"), "Numbers that help")
    service.publish_if_changed(path_of(settings))

    def down(*_args: object, **_more: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, OSError("down"))

    monkeypatch.setattr(db.engine.pool, "connect", down)
    assert "Numbers that help" in client.get("/crisis").text
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Numbers that help" in answer.text
    path_of(settings).unlink()
    published_overrides.install(app, path_of(settings))
    assert "Crisis numbers" in client.get("/crisis").text, "and without the file ours do"


@sqlite
def test_the_pages_of_words_without_javascript(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    found = client.get("/admin/words?language=en&q=zebra")
    assert "No texts found" in found.text
    found = Page(client.get("/admin/words?language=hi&q=received+at").text)
    link = found.links("/admin/words/hi/")[0]
    page = client.get(link)
    told = Page(page.text)
    assert "{time} for example" in told.text
    assert "UCS-2" in told.the("p", id="length").text
    form = form_of(page, "/admin/words/hi/")
    for typed, says in (
        ("{name}: {time}", "{name} is not a placeholder of this text."),
        ("हम फ़ोन करेंगे।", "Use {time} exactly once."),
        ("", "Enter a text, or restore the original text."),
        ("न" * 220 + "{time}", "This would be sent as more than 3 text messages."),
    ):
        wrong = client.submit(form, **{"words-0": typed}, do="save")
        assert wrong.status_code == 422
        assert says in wrong.text
        assert form_of(wrong, "/admin/words/hi/").fields["words-0"][0].strip() == typed
    new = {"words-0": "हम {time} बजे फ़ोन करेंगे।"}
    seen = client.submit(form, **new, do="preview")
    assert "Nothing is saved yet." in seen.text
    bubble = next(each for each in Page(seen.text).all("p") if each.has_class("is-text"))
    assert "{time}" not in bubble.text
    assert "12:00" in bubble.text
    saved = client.submit(seen, "/admin/words/hi/", do="save", follow=True)
    assert "The new text is in use everywhere within seconds." in saved.text
    assert sms_templates.render("received_at", "hi", time="10").startswith("हम 10 बजे")
    late = client.submit(form, **{"words-0": "मैं {time} बजे।"}, do="save")
    assert late.status_code == 409
    assert "Someone else saved changes after you opened the page." in late.text
    listed = client.get("/admin/words?language=hi&changed=yes")
    assert Page(listed.text).links("/admin/words/hi/") == [link]
    back = client.submit(saved, "/admin/words/hi/", do="reset", follow=True)
    assert "हम 10 बजे" not in sms_templates.render("received_at", "hi", time="10")
    assert 'id="reset"' not in back.text
    assert client.get("/admin/words/xx/123").status_code == 404
    assert client.get("/admin/words/en/123").status_code == 404
    assert client.post("/admin/words/en/123", data=form.fields).status_code == 404


@sqlite
def test_every_wording_can_be_opened_in_every_language(app: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    words = [
        *index.page_texts(),
        *index.keyed_texts(catalogs.TEXT, sms_templates.english_templates()),
    ]
    words += index.keyed_texts(catalogs.VOICE, telephony_prompts.prompts())
    assert len({each.id for each in words}) == len(words) > 300
    for language in ("en", "hi"):
        for each in words:
            for ours in each.ours(language):
                service.text_override_rules.check(catalogs.use_of(each.context), ours, ours)
        for each in words[::25]:
            assert client.get(f"/admin/words/{language}/{each.id}").status_code == 200
        page = Page(client.get(f"/admin/words?language={language}").text)
        parts = [each for each in page.links("/admin/words?") if "part=" in each]
        assert len(parts) >= 8
        assert all(client.get(part).status_code == 200 for part in parts)
