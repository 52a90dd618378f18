"""Filters, functions and constants that every template may use."""

from __future__ import annotations

from flask import Flask

from helpline import __version__, clock
from helpline.domain.shortcuts import key_label
from helpline.web import (
    consent_text,
    formatting,
    headers,
    language,
    safety_text,
    static_files,
    visitor_context,
)

FILTERS = {
    "about": formatting.about_words,
    "clock": formatting.clock_words,
    "dated_moment": formatting.dated_moment_words,
    "day": formatting.day_words,
    "international": formatting.international_words,
    "iso": formatting.iso,
    "key_label": key_label,
    "moment": formatting.moment_words,
    "opens_words": formatting.opens_words,
    "since": formatting.since_words,
    "span": formatting.span_words,
    "until": formatting.until_words,
    "weekly_hours": formatting.weekly_hours_words,
}
GLOBALS: dict[str, object] = {
    "bare_address": language.bare_address,
    "country_name": formatting.country_name,
    "csp_nonce": headers.csp_nonce,
    "kept_part": visitor_context.cached_fragment,
    "language_name": formatting.language_name,
    "last_exit": visitor_context.last_exit,
    "line_words": language.line_words,
    "no_who_words": consent_text.no_who_words,
    "notice_words": consent_text.notice_words,
    "notes_words": language.notes_words,
    "now": clock.now,
    "safety_fact": safety_text.fact_words,
    "same_page": language.same_page,
    "state_name": formatting.state_name,
    "version": __version__,
    "visitor_styles": static_files.visitor_styles,
    "voicemail_words": consent_text.voicemail_words,
    "who_words": consent_text.who_words,
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
