"""The front page, its form, and the pages of numbers that need no database."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from helpline import clock
from helpline.callbacks import queries
from helpline.callbacks import service as callback_service
from helpline.callbacks.errors import IdempotencyConflict, SlotUnavailable, TooManyBookings
from helpline.current import settings
from helpline.db import db
from helpline.directory.crisis.published_directory import CRISIS_LINE, CrisisLine
from helpline.domain.intake_answers import About, ForWhom, Urgent
from helpline.privacy.encryption import link_token
from helpline.web import formatting, rate_limits
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.consent_text import samples
from helpline.web.language import gettext as _
from helpline.web.language import ngettext
from helpline.web.page_cache import cached_response
from helpline.web.request_context import directory, opening_hours, profile
from helpline.web.schema_org import organization
from helpline.web.visitor.blueprint import visitor
from helpline.web.visitor.cache_key import cache_key
from helpline.web.visitor.call_first import numbers_to_call_first
from helpline.web.visitor.forms import RequestForm, hidden_fields
from helpline.web.visitor.home import HomeData, home_page, load_home_data
from helpline.web.visitor.referrer import from_panel
from helpline.web.visitor.times import (
    report_slot_unavailable,
    slot_context,
    too_many_bookings_words,
)
from helpline.web.visitor_context import (
    cached_visitor_page,
    chosen_region,
    last_exit,
    region_names,
    visitor_page,
)

_KINDS_BY_TOPIC = {
    "suicide": ("crisis_line", "text_line"),
    "substances": ("substance_use",),
    "violence": ("domestic_abuse",),
}
"""Kinds of service that know most about a topic."""


@visitor.get("/")
@allow(ANYONE)
def home() -> ResponseReturnValue:
    home_data, hidden = load_home_data(clock.now()), hidden_fields()
    if last_exit():
        return _home_page(RequestForm(formdata=None, data=hidden), home_data=home_data)

    def render(placeholders: Mapping[str, str]) -> str:
        form = RequestForm(formdata=None, data=hidden)
        for name, placeholder in placeholders.items():
            form[name].data = placeholder
        return _home_page(form, home_data=home_data)

    page_data, rota_slots = home_data.page_data, home_data.rota_slots
    key = cache_key(page_data, home_data.now), page_data.booked, rota_slots
    return cached_response(key, render, hidden)


@visitor.post("/")
@allow(ANYONE)
def ask() -> ResponseReturnValue:
    """Create a request. If there is danger, show the emergency page before anything else."""
    form = RequestForm(request.form)
    now = clock.now()
    if request.form.get("go") == "back":
        return _home_page(form)
    if form.needs_emergency_page:
        return _emergency_page(form)
    if not form.validate():
        return _home_page(form), 422
    # Before any shared limit is counted: a form sent again must not use up the limit of others.
    is_again = queries.is_key_used(db.session(), form.request_key.data)
    if not is_again:
        if opening_hours(now).first_open_instant(now) is None:
            return _home_page(form), 422
        if form.is_too_quick:
            form.add_form_error(
                _("Please check that everything is right. Then press the button again.")
            )
            return _home_page(form), 422
    if form.is_honeypot_filled:
        form.add_form_error(_("Please check the form and press the button again."))
        return _home_page(form), 422
    wait = (
        rate_limits.seconds_to_wait(rate_limits.replay())
        if is_again
        else rate_limits.wait_to_ask(form.number)
    )
    if wait is not None:
        return _rate_limited(form, wait)
    return _create_request(form, now)


def _create_request(form: RequestForm, now: datetime) -> ResponseReturnValue:
    callback_request = form.to_request()
    try:
        token = callback_service.request_callback(
            callback_request, request_key=form.request_key.data, request_hash=form.digest(), now=now
        )
    except IdempotencyConflict:
        return _changed_and_sent_again(form)
    except TooManyBookings:
        form.when.errors = [too_many_bookings_words()]
        return _home_page(form), 429
    except SlotUnavailable as unavailable:
        report_slot_unavailable(form, unavailable)
        return _home_page(form, unavailable.nearest), 422
    return redirect(url_for("visitor.status", token=token), 303)


def _changed_and_sent_again(form: RequestForm) -> ResponseReturnValue:
    """The visitor went back, changed the form and sent it again. Ask which one they mean: their
    change must not be lost, nor may two numbers be called by mistake.
    """
    first = url_for("visitor.status", token=link_token(form.request_key.data))
    form.renew_key()
    form.add_form_error(
        Markup('{} <a href="{}">{}</a>').format(
            _(
                "You have already sent this form with different answers. You can change or cancel "
                "that request on its page. To ask for another call, press the button again."
            ),
            first,
            _("Open my request"),
        )
    )
    return _home_page(form), 422


@visitor.get("/start")
@allow(ANYONE)
def start_again() -> ResponseReturnValue:
    """Redirect a reload of a page that answered a POST."""
    return redirect(url_for("visitor.home", region=request.args.get("region")), 303)


@visitor.post("/start")
@allow(ANYONE, ANY_SITE)
def start() -> ResponseReturnValue:
    """Show the front page after the panel of another website.

    No one is refused: above the rate limit the page is shown without the article.
    """
    if rate_limits.seconds_to_wait(
        rate_limits.of_address("start", settings().limit_reads_of_address)
    ):
        return start_again()
    return _home_page(RequestForm(formdata=None, data=from_panel()))


@visitor.route("/emergency", methods=["GET", "POST"])
@allow(ANYONE)
def emergency() -> ResponseReturnValue:
    """Show what to do in danger, and carry what was typed along in the page. Needs no database."""
    return _emergency_page(RequestForm(request.form if request.method == "POST" else None))


@visitor.get("/crisis")
@allow(ANYONE)
def crisis() -> ResponseReturnValue:
    """Show crisis lines by region. Needs no database."""
    return cached_visitor_page(
        "crisis",
        lambda: render_template("visitor/crisis.html", **visitor_page(), regions=region_names()),
    )


def _emergency_page(form: RequestForm) -> str:
    lines = numbers_to_call_first(form.urgent or Urgent.DANGER).danger
    return render_template(
        "visitor/emergency.html",
        **visitor_page(),
        kept=form.as_hidden_fields(request.form),
        kinds=_emergency_kinds(form),
        emergency_lines=lines,
        number=lines[0].phone,
    )


def _emergency_kinds(form: RequestForm) -> list[str]:
    """Order the sections of the emergency page; the first is open, by what the visitor chose.

    For violence it must be the right one: "unlock the door" may kill there.
    """
    kinds = ["overdose", "violence", "someone-else"]
    if form.about.data == About.VIOLENCE:
        first = "violence"
    elif form.for_whom.data == ForWhom.OTHER:
        first = "someone-else"
    else:
        first = "overdose"
    return sorted(kinds, key=lambda kind: kind != first)


def _rate_limited(form: RequestForm, wait_seconds: int) -> ResponseReturnValue:
    minutes = math.ceil(wait_seconds / 60)
    form.add_form_error(
        ngettext(
            "Many people are asking for a call right now. Please press the button again in "
            "%(num)d minute. What you typed is still here.",
            "Many people are asking for a call right now. Please press the button again in "
            "%(num)d minutes. What you typed is still here.",
            minutes,
        )
    )
    page = make_response(_home_page(form), 429)
    page.headers["Retry-After"] = str(wait_seconds)
    return page


def _home_page(
    form: RequestForm, nearest: Sequence[datetime] = (), *, home_data: HomeData | None = None
) -> str:
    front = home_page(home_data or load_home_data(clock.now()))
    return render_template(
        "visitor/home.html",
        **front.page,
        **slot_context(form, front.offered, nearest),
        form=form,
        call_first=numbers_to_call_first(form.urgent),
        guides=_lines_by_topic(),
        samples=samples(two_way=front.page["two_way"]),
        phone_shows_name=profile().phone_shows_name,
        zone_words=formatting.zone_words(),
        organization=organization(front.plan, front.now),
    )


def _lines_by_topic() -> dict[str, list[CrisisLine]]:
    lines = directory().at(chosen_region(), clock.now()).open_now
    by_topic = {
        about: [candidate for candidate in lines if candidate.kind in kinds]
        for about, kinds in _KINDS_BY_TOPIC.items()
    }
    # If no line of its kind is open: the police for violence, a crisis line for the rest, and the
    # emergency number if there is none.
    police = [line for line in [directory().police(chosen_region())] if line is not None]
    crisis_line = [line for line in lines if line.kind == CRISIS_LINE][:1]
    by_topic["violence"] = by_topic["violence"] or police or list(lines[:1])
    return {
        about: topic_lines or crisis_line or list(lines[:1])
        for about, topic_lines in by_topic.items()
    }
