"""Every text that visitors read, hear or receive: search, and override."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel import Locale
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import ValidationError

from helpline import clock
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.domain import text_override_rules
from helpline.domain.sms_length import SmsLength, measure
from helpline.domain.sms_progress import When
from helpline.domain.text_override_rules import InvalidText, Use, Violation
from helpline.i18n import catalogs, index
from helpline.i18n.catalogs import TEXT, VOICE, use_of
from helpline.i18n.index import TextEntry
from helpline.messaging import sms_templates
from helpline.staff.queries import staff_name
from helpline.telephony import prompts
from helpline.text_overrides import queries
from helpline.text_overrides import service as rewording
from helpline.text_overrides.models import TextOverride
from helpline.web import formatting, republish, request_context
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.errors import error_page
from helpline.web.forms import VersionedForm, conflict_page, one_line, unsubmitted
from helpline.web.language import gettext as _
from helpline.web.language import in_language, own_name, site_languages, site_name
from helpline.web.sessions import current_staff_id

_GROUPS: Sequence[tuple[str, tuple[str, ...]]] = (
    (
        "first",
        ("visitor/home", "visitor/_request", "visitor/forms", "/times", "came_from", "safe_"),
    ),
    ("request", ("visitor/status", "visitor/move", "visitor/number", "erased", "timeline")),
    ("danger", ("emergency", "crisis", "components/words", "exit_help")),
    ("hours", ("talk", "hours")),
    ("panel", ("api/", "embed")),
    ("errors", ("errors", "error.html", "problem")),
)
"""Groups of texts, by part of the name of the first file that has them."""

_TEXTS, _VOICE, _ELSEWHERE = "texts", "voice", "elsewhere"


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    says: Sequence[str]
    changed: bool
    keys: str


class OverrideForm(VersionedForm):
    """The texts that replace the originals; see ``_form_class``."""

    @property
    def texts(self) -> list[str]:
        """What was typed, for each plural form."""
        return [field.data for field in self.text_fields]

    @property
    def text_fields(self) -> list[TextAreaField]:
        return [field for field in self if isinstance(field, TextAreaField)]


def _form_class(word: TextEntry, language: str) -> type[OverrideForm]:
    """Return the form of a text: a field "words-0" and so on for each of its plural forms."""
    use = use_of(word.context)

    def check(original: str) -> Callable[[OverrideForm, TextAreaField], None]:
        def validator(_form: OverrideForm, field: TextAreaField) -> None:
            try:
                text_override_rules.check(use, original, field.data)
            except InvalidText as problem:
                raise ValidationError(wrong_words(problem)) from problem

        return validator

    texts = zip(_labels(word, language), word.ours(language), strict=True)
    fields = {
        f"words-{number}": TextAreaField(label, filters=[one_line], validators=[check(original)])
        for number, (label, original) in enumerate(texts)
    }
    return type("TextForm", (OverrideForm,), fields)


def _saved_form(word: TextEntry, language: str, saved: TextOverride | None) -> OverrideForm:
    texts = {f"words-{number}": text for number, text in enumerate(_told(word, language, saved))}
    version = saved.version if saved else 0
    return _form_class(word, language)(None, data=texts, version=version)


@admin.get("/words")
@allow(ADMIN)
def wordings() -> ResponseReturnValue:
    language = _language(request.args.get("language", ""))
    sought = " ".join(request.args.get("q", "").split())
    only_changed = "changed" in request.args
    changed = queries.overrides_for_language(db.session(), language)
    groups = dict(_grouped())
    part = request.args.get("part", "")
    part = part if part in groups else next(iter(groups))
    everywhere = bool(sought) or only_changed
    shown = {
        key: [
            row
            for row in _rows(entries, language, changed)
            if _is_sought(row, sought, only_changed=only_changed)
        ]
        for key, entries in groups.items()
        if everywhere or key == part
    }
    return render_template(
        "admin/text_overrides.html",
        language=language,
        languages=_languages(),
        parts=[(key, _part_words(key), len(entries)) for key, entries in groups.items()],
        part="" if everywhere else part,
        shown=[(key, _part_words(key), rows) for key, rows in shown.items() if rows],
        sought=sought,
        only_changed=only_changed,
        changed_count=len(changed),
    )


@admin.get("/words/<language>/<word_id>")
@allow(ADMIN)
def edit_wording(language: str, word_id: str) -> ResponseReturnValue:
    word = _word(language, word_id)
    if word is None:
        return error_page(404)
    saved = queries.latest_override(db.session(), language, word_id)
    return _page(word, language, _saved_form(word, language, saved), saved)


@admin.post("/words/<language>/<word_id>")
@allow(ADMIN)
def save_wording(language: str, word_id: str) -> ResponseReturnValue:
    """Save, preview or remove an override. A conflicting save is shown beside what was typed."""
    word = _word(language, word_id)
    if word is None:
        return error_page(404)
    saved = queries.latest_override(db.session(), language, word_id)
    form, do = _form_class(word, language)(), request.form.get("do", "")
    if do != "reset" and not form.validate():
        return _page(word, language, form, saved), 422
    if do == "preview":
        return _page(word, language, form, saved, previewed=True)
    override = None if do == "reset" else form.texts
    try:
        rewording.save(
            word,
            language,
            None if override == list(word.ours(language)) else override,
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        db.session().rollback()
        saved = queries.latest_override(db.session(), language, word_id)
        newest = _saved_form(word, language, saved)
        return conflict_page(form, newest, lambda form: _page(word, language, form, saved))
    republish.republish()
    flash(_("Saved. The new text is in use everywhere within seconds."))
    return redirect(url_for("admin.edit_wording", language=language, word_id=word_id), 303)


def _page(
    word: TextEntry,
    language: str,
    form: OverrideForm,
    saved: TextOverride | None,
    *,
    previewed: bool = False,
) -> str:
    use, originals = use_of(word.context), word.ours(language)
    return render_template(
        "admin/text_override.html",
        word=word,
        use=use.value,
        language=language,
        language_name=own_name(language),
        direction=Locale.parse(language, sep="-").text_direction,
        part=_part_of(word),
        part_words=_part_words(_part_of(word)),
        keys=", ".join(_key_words(each) for each in word.places) if word.context else "",
        english=() if language == catalogs.SOURCE_LANGUAGE else word.ours(catalogs.SOURCE_LANGUAGE),
        ours=originals,
        open_places=[
            (each, _sample(each, language))
            for each in text_override_rules.placeholders(use, originals[-1])
        ],
        longest=text_override_rules.max_length(use, originals[-1]),
        most_texts=text_override_rules.MAX_SEGMENTS,
        form=form,
        previewed=previewed,
        seen=_seen(word, language, form),
        is_changed=saved is not None and saved.theirs is not None,
        saved_at=saved.saved_at if saved else None,
        saved_by=staff_name(db.session(), saved.saved_by) if saved else None,
    )


def _seen(word: TextEntry, language: str, form: OverrideForm) -> list[tuple[str, SmsLength | None]]:
    """The texts with sample values, and their length as text messages."""
    if not type(form)(**unsubmitted(form)).validate():
        return []
    use, samples = use_of(word.context), []
    for typed in form.texts:
        text = typed
        for place in text_override_rules.placeholders(use, typed):
            text = text.replace(place, _sample(place, language))
        samples.append((text, measure(text) if use is Use.TEXT else None))
    return samples


def _sample(place: str, language: str) -> str:
    """A sample value for a placeholder, as long as it gets."""
    name = place.strip("{}") if place.startswith("{") else place[2:-2]
    with in_language(language):
        moment = formatting.moment_words(clock.now())
        at = sms_templates.format_time(_when(), language, settings().default_region)
        samples = {
            "time": at if place.startswith("{") else moment,
            "moment": moment,
            "numbers": "112, 14416",
            "number": "112",
            "digits": "1, 1, 2",
            "key": "1",
            "name": site_name(),
            "site": site_name(),
            "day": formatting.day_words(clock.now()),
        }
        return samples.get(name, "12")


def _when() -> When:
    return When(clock.now().astimezone(request_context.zone()), exactly=True)


def _told(word: TextEntry, language: str, saved: TextOverride | None) -> Sequence[str]:
    return saved.theirs if saved and saved.theirs else word.ours(language)


def _languages() -> list[tuple[str, str]]:
    every = dict.fromkeys((*site_languages(), *settings().voice_languages))
    return [(code, own_name(code)) for code in every if code in catalogs.available()]


def _language(code: str) -> str:
    codes = [code for code, _name in _languages()]
    return code if code in codes else codes[0]


def _word(language: str, word_id: str) -> TextEntry | None:
    if language not in {code for code, _name in _languages()}:
        return None
    return next((entry for entry in _all() if entry.id == word_id), None)


def _all() -> Iterator[TextEntry]:
    yield from index.page_texts()
    yield from index.keyed_texts(TEXT, sms_templates.english_templates())
    yield from index.keyed_texts(VOICE, prompts.prompts())


def _grouped() -> Iterator[tuple[str, list[TextEntry]]]:
    groups: dict[str, list[TextEntry]] = {key: [] for key, _parts in _GROUPS}
    groups |= {_ELSEWHERE: [], _TEXTS: [], _VOICE: []}
    for word in _all():
        groups[_part_of(word)].append(word)
    yield from ((key, entry) for key, entry in groups.items() if entry)


def _part_of(word: TextEntry) -> str:
    if word.context:
        return {TEXT: _TEXTS, VOICE: _VOICE}[word.context]
    for key, parts in _GROUPS:
        if any(part in place for place in word.places for part in parts):
            return key
    return _ELSEWHERE


def _part_words(key: str) -> str:
    return {
        "first": _("Home page and request form"),
        "request": _("Request page"),
        "danger": _("Crisis numbers, danger and exit"),
        "hours": _("Opening hours"),
        "panel": _("Panel on other websites"),
        "errors": _("Error messages"),
        _ELSEWHERE: _("All pages"),
        _TEXTS: _("Text messages"),
        _VOICE: _("Voice prompts"),
    }[key]


def _rows(
    entries: Sequence[TextEntry], language: str, changed: Mapping[str, TextOverride]
) -> Iterator[Row]:
    for word in entries:
        saved = changed.get(word.id)
        keys = ", ".join(_key_words(each) for each in word.places) if word.context else ""
        yield Row(word.id, _told(word, language, saved), saved is not None, keys)


def _key_words(key: str) -> str:
    return key.replace("_", " ")


def _is_sought(row: Row, sought: str, *, only_changed: bool) -> bool:
    text = " ".join((*row.says, row.keys)).casefold()
    return (row.changed or not only_changed) and all(
        term in text for term in sought.casefold().split()
    )


def _labels(word: TextEntry, language: str) -> list[str]:
    if word.many is None:
        return [_("Wording")]
    numbers = index.plural_examples(language)
    return [_("Wording for %(number)s", number=number) for number in numbers]


def wrong_words(problem: InvalidText) -> str:
    names = ", ".join(problem.names)
    return {
        Violation.EMPTY: _("Enter a text, or restore the original text."),
        Violation.TOO_LONG: _("Shorten this to %(most)s characters or fewer.", most=names),
        Violation.TOO_MANY_TEXTS: _(
            "This would be sent as more than %(most)s text messages. Shorten it.", most=names
        ),
        Violation.MARKUP: _("Remove %(signs)s.", signs=names),
        Violation.MALFORMED: _("Use %(signs)s only in placeholders.", signs=names),
        Violation.UNKNOWN: _(
            "%(names)s is not a placeholder of this text. Remove it.", names=names
        ),
        Violation.MISSING: _("Use %(names)s exactly once.", names=names),
    }[problem.reason]
