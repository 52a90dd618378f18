"""Edit the service directory."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, get_template_attribute, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from helpline import clock
from helpline.db import db
from helpline.directory.entries import needs_verification
from helpline.directory.referrals import queries, service
from helpline.directory.referrals.seed import EVERYWHERE, KINDS, ServiceDetails
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.admin.directory_form import (
    EntryForm,
    kind_field,
    region_choices,
    region_field,
    text_field,
)
from helpline.web.admin.directory_kind import DirectoryKind, by_region
from helpline.web.language import lazy_gettext as _
from helpline.web.language import ngettext
from helpline.web.sessions import current_staff_id
from helpline.web.visitor_context import region_names

_COUNTED = timedelta(days=30)


def _kinds() -> list[SelectChoice]:
    label = get_template_attribute("components/place_kinds.html", "place_kind")
    return [SelectChoice(kind, label(kind)) for kind in KINDS]


def _regions() -> list[SelectChoice]:
    return [SelectChoice(*_everywhere()), *region_choices()]


class ServiceForm(EntryForm):
    """A service to refer visitors to."""

    region = region_field(_regions)
    kind = kind_field(_kinds)
    area = text_field(_("City or area"), 80)
    cost = text_field(_("Cost"), 120)
    checked = BooleanField(_("I verified this service today and all details are correct"))

    def details(self, now: datetime) -> ServiceDetails:
        """Return the service. Call only after ``validate()``.

        Args:
            now: when it was verified, if the admin says so.
        """
        return ServiceDetails(
            **self.values(now), area=self.area.data or None, cost=self.cost.data or None
        )

    def validate_phone(self, field: Field) -> None:
        if not (field.data or self.website.data):
            raise ValidationError(_("Enter a phone number or a website."))
        super().validate_phone(field)


@admin.get("/places")
@allow(ADMIN)
def care_places() -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    return render_template(
        "admin/referral_services.html",
        regions=by_region(queries.active_services(session)),
        gone=queries.retired_services(session),
        rank=service.SERVICES.group,
        region_name=dict([*region_names(), _everywhere()]).get,
        needs_checking=lambda place: needs_verification(place, now),
        unchecked=queries.unverified_count(session, now),
        named=queries.referral_counts(session, now - _COUNTED, now),
    )


@admin.post("/places/begin")
@allow(ADMIN)
def begin_with_found() -> ResponseReturnValue:
    count = service.seed_directory(admin_id=current_staff_id(), now=clock.now())
    flash(
        ngettext(
            "%(num)s service added. It has not been verified yet.",
            "%(num)s services added. They have not been verified yet.",
            count,
        )
    )
    return redirect(url_for("admin.care_places"), 303)


def _everywhere() -> tuple[str, str]:
    return EVERYWHERE, _("All countries, or online")


def _preview(place: ServiceDetails, _entry_id: int | None) -> str:
    shown = get_template_attribute("components/places.html", "place_list")
    return str(shown([place], level=4))


def _nothing_to_publish() -> None:
    """Places are read from the database with the page."""


SERVICES = DirectoryKind(
    directory=service.SERVICES,
    form=ServiceForm,
    template="admin/referral_service.html",
    list_endpoint="admin.care_places",
    preview=_preview,
    publish=_nothing_to_publish,
    verified=_("Saved: you verified this service today."),
    retired=_("Service retired. No one can see it."),
    restored=_("Service restored. Advisors can refer visitors to it again."),
)
