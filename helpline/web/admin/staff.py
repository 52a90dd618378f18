"""Staff accounts and invitations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.calls import deactivation
from helpline.current import settings
from helpline.db import StaleVersion, db
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.staff import queries as accounts
from helpline.staff.errors import EmailTaken, LastAdmin, PhoneTaken
from helpline.staff.invitations import queries as invitations
from helpline.staff.invitations import service as inviting
from helpline.staff.members import ROLES
from helpline.staff.models import Staff
from helpline.staff.sessions.queries import sessions_of
from helpline.staff.two_factor.queries import enrolled_factors, staff_with_two_factor
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.staff_form import ROLE_LABELS, InviteForm, MemberForm
from helpline.web.errors import error_page
from helpline.web.forms import conflict_page, posted_version
from helpline.web.language import gettext as _
from helpline.web.request_context import profile
from helpline.web.sessions import current_staff_id, idle


@admin.get("/staff")
@allow(ADMIN)
def staff() -> ResponseReturnValue:
    now = clock.now()
    everybody = accounts.all_staff(db.session())
    ready = staff_with_two_factor(db.session())
    return render_template(
        "admin/staff.html",
        here_now=[_row(*row, ready) for row in everybody if row[0].active],
        gone=[_row(*row, ready) for row in everybody if not row[0].active],
        invited=invitations.pending(db.session(), now=now),
        role_name=role_name,
    )


@admin.get("/staff/invite")
@allow(ADMIN)
def invite() -> ResponseReturnValue:
    return _invite_page(InviteForm(roles=["advisor"], languages=profile().spoken_languages[:1]))


@admin.post("/staff/invite")
@allow(ADMIN)
def make_invitation() -> ResponseReturnValue:
    """Create an invitation and show its link this once."""
    form = InviteForm()
    if not form.validate():
        return _invite_page(form), 422
    try:
        token = inviting.invite(
            form.email.data,
            tuple(form.roles.data),
            tuple(form.languages.data),
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except EmailTaken:
        form.email.errors = [_("This email address already has an account.")]
        return _invite_page(form), 422
    link = settings().public_url + url_for("invitations.open_invitation", token=token)
    return render_template("admin/invited.html", link=link, until=clock.now() + inviting.VALID_FOR)


@admin.post("/staff/invitations/<int:invitation_id>/take-back")
@allow(ADMIN)
def take_invitation_back(invitation_id: int) -> ResponseReturnValue:
    if inviting.revoke(invitation_id, admin_id=current_staff_id(), now=clock.now()):
        flash(_("Invitation withdrawn. The link no longer works."))
    else:
        flash(_("This invitation was already used or withdrawn."))
    return redirect(url_for("admin.staff"), 303)


@admin.get("/staff/<int:staff_id>")
@allow(ADMIN)
def member(staff_id: int) -> ResponseReturnValue:
    person = _found(staff_id)
    return _member_page(person, MemberForm.of(person))


@admin.post("/staff/<int:staff_id>")
@allow(ADMIN)
def save_member(staff_id: int) -> ResponseReturnValue:
    person = _found(staff_id)
    form = MemberForm(person)
    if not form.validate():
        return _member_page(person, form), 422
    try:
        deactivation.change_profile(
            staff_id,
            form.profile(),
            expected_version=form.version.data,
            admin_id=current_staff_id(),
            now=clock.now(),
        )
    except StaleVersion:
        newest = _found(staff_id)
        return conflict_page(form, MemberForm.of(newest), partial(_member_page, newest))
    except PhoneTaken:
        form.phone.errors = [phone_taken_words()]
        return _member_page(_found(staff_id), form), 409
    except LastAdmin:
        form.roles.errors = [last_admin_words()]
        return _member_page(_found(staff_id), form), 409
    flash(_("Saved."))
    return redirect(url_for("admin.staff"), 303)


@admin.post("/staff/<int:staff_id>/deactivate")
@allow(ADMIN)
def deactivate(staff_id: int) -> ResponseReturnValue:
    done = _("They can no longer sign in. Their current callback is back in the queue.")
    return _deed(
        staff_id,
        done,
        lambda version, now: deactivation.deactivate(
            staff_id, expected_version=version, admin_id=current_staff_id(), now=now
        ),
    )


@admin.post("/staff/<int:staff_id>/reactivate")
@allow(ADMIN)
def reactivate(staff_id: int) -> ResponseReturnValue:
    return _deed(
        staff_id,
        _("They can sign in again."),
        lambda version, now: deactivation.reactivate(
            staff_id, expected_version=version, admin_id=current_staff_id(), now=now
        ),
    )


@admin.errorhandler(NoResultFound)
def _nobody(_error: NoResultFound) -> ResponseReturnValue:
    return error_page(404)


def role_name(role: str) -> str:
    return str(ROLE_LABELS[role])


def last_admin_words() -> str:
    return _("This is the only admin. Make someone else an admin first.")


def phone_taken_words() -> str:
    return _("A colleague already uses this phone number. Enter a different one.")


def _deed(staff_id: int, done: str, action: Callable[[int, datetime], None]) -> ResponseReturnValue:
    try:
        action(posted_version(), clock.now())
        flash(done)
    except StaleVersion:
        flash(
            _(
                "Someone else changed this member of staff after you opened the page. Check "
                "the details and try again."
            ),
            "warning",
        )
    except PhoneTaken:
        flash(
            _(
                "A colleague now uses this person's phone number. Change one of the two "
                "numbers first."
            ),
            "warning",
        )
    except LastAdmin:
        flash(last_admin_words(), "warning")
    return redirect(url_for("admin.member", staff_id=staff_id), 303)


def _invite_page(form: InviteForm) -> str:
    return render_template("admin/invite.html", form=form, role_hints=_role_hints())


def _member_page(person: Staff, form: MemberForm) -> str:
    return render_template(
        "admin/member.html",
        member=person,
        form=form,
        is_me=person.id == current_staff_id(),
        second=enrolled_factors(db.session(), person.id),
        places=len(sessions_of(db.session(), person.id, now=clock.now(), idle=idle())),
        role_hints=_role_hints(),
    )


def _role_hints() -> dict[str, str]:
    return {
        "advisor": _("Claims callbacks and calls visitors"),
        "supervisor": _("Uses the live view, assigns callbacks and returns them to the queue"),
        "admin": _("Manages opening hours, capacity, staff, crisis numbers and content"),
    }


def _row(person: Staff, last_seen: datetime | None, ready: Collection[int]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "roles": [role_name(role) for role in ROLES if person.has_role(role)],
        "is_advisor": person.has_role("advisor"),
        "languages": person.languages,
        "phone": masked(person.phone),
        "shares_phone": _shares_phone(person),
        "last_seen": last_seen,
        "has_second_step": person.id in ready,
    }


def _shares_phone(person: Staff) -> bool:
    """Whether a colleague has the same phone, from before phones had to be unique."""
    return person.active and if_readable(person.phone) is not None and person.phone_hash is None


def masked(phone: str | None) -> str | None:
    """Return a number with all but its last three digits masked."""
    if phone is None or is_unreadable(phone):
        return phone
    return f"… {phone[-3:]}"


def _found(staff_id: int) -> Staff:
    return db.session().get_one(Staff, staff_id, populate_existing=True)
