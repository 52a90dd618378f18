"""A person's own page: sessions and sign-in methods."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField

from helpline import clock
from helpline.db import db
from helpline.i18n import catalogs
from helpline.messaging import sms
from helpline.staff import service as staff_service
from helpline.staff.models import Staff
from helpline.staff.sessions import queries
from helpline.staff.sessions import service as sessions
from helpline.staff.two_factor.queries import enrolled_factors
from helpline.web.access import ADVISOR, STAFF, allow
from helpline.web.auth.blueprint import auth_pages
from helpline.web.language import gettext as _
from helpline.web.language import in_language, lazy_gettext, ngettext, own_name, page_language
from helpline.web.sessions import current_session, current_staff_id, idle


class PageLanguageForm(FlaskForm):  # type: ignore[misc]
    """The language of a person's staff pages."""

    language = SelectField(
        lazy_gettext("Language of your pages"),
        id="page-language",
        choices=lambda: [(code, own_name(code)) for code in catalogs.staff_languages()],
        default=page_language,
    )


@auth_pages.get("/you")
@allow(STAFF)
def you() -> ResponseReturnValue:
    return _account_page(PageLanguageForm(formdata=None))


@auth_pages.post("/you/language")
@allow(STAFF)
def save_page_language() -> ResponseReturnValue:
    form = PageLanguageForm()
    if not form.validate():
        form.language.errors = [_("Choose one of the languages in the list.")]
        return _account_page(form), 422
    staff_service.set_page_language(current_staff_id(), form.language.data)
    with in_language(form.language.data):
        flash(_("Language saved."))
    return redirect(url_for("door.you"), 303)


def _account_page(form: PageLanguageForm) -> str:
    sessions_of_staff = queries.sessions_of(
        db.session(), current_staff_id(), now=clock.now(), idle=idle()
    )
    return render_template(
        "auth/account.html",
        form=form,
        sessions=sessions_of_staff,
        this_session=current_session().session_id,
        guessed_at=current_session().guessed_at,
        second=enrolled_factors(db.session(), current_staff_id()),
        texts=_text_choices(),
    )


def _text_choices() -> dict[str, bool] | None:
    """Which text messages an advisor gets; None where there are none to choose."""
    staff = db.session().get_one(Staff, current_staff_id())
    if all(role.name != ADVISOR for role in staff.roles) or not sms.enabled(db.session()):
        return None
    return {
        "has_phone": staff.phone is not None,
        "alerts": staff.alert_texts,
        "reminders": staff.reminder_texts,
    }


@auth_pages.post("/you/texts")
@allow(ADVISOR)
def save_text_choices() -> ResponseReturnValue:
    staff_service.set_text_choices(
        current_staff_id(),
        alerts="alerts" in request.form,
        reminders="reminders" in request.form,
    )
    flash(_("Saved. Your changes apply now."))
    return redirect(url_for("door.you"), 303)


@auth_pages.post("/you/sessions/<int:session_id>/end")
@allow(STAFF)
def end_session(session_id: int) -> ResponseReturnValue:
    if sessions.end(
        session_id, current_staff_id(), actor=f"staff:{current_staff_id()}", now=clock.now()
    ):
        flash(_("Session signed out."))
    else:
        flash(_("That session had already ended."))
    return redirect(url_for("door.you"), 303)


@auth_pages.post("/you/sessions/end-others")
@allow(STAFF)
def end_other_sessions() -> ResponseReturnValue:
    ended = sessions.end_others(
        current_staff_id(),
        keep=current_session().session_id,
        actor=f"staff:{current_staff_id()}",
        now=clock.now(),
    )
    flash(
        ngettext(
            "Signed out of %(num)s other session.", "Signed out of %(num)s other sessions.", ended
        )
        if ended
        else _("There were no other sessions.")
    )
    return redirect(url_for("door.you"), 303)


@auth_pages.post("/you/guesses/read")
@allow(STAFF)
def acknowledge_guesses() -> ResponseReturnValue:
    sessions.acknowledge_guesses(current_staff_id(), now=clock.now())
    return redirect(url_for("door.you"), 303)
