"""Outgoing webhooks: endpoints of other systems, and the last deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import URLField
from wtforms.validators import ValidationError

from helpline import clock
from helpline.current import settings
from helpline.db import db
from helpline.domain.webhooks import DeliveryProblem, InvalidWebhookUrl, Target, WebhookEvent
from helpline.messaging.models import OutboxState
from helpline.messaging.webhooks import http_client, queries, service
from helpline.messaging.webhooks.queries import Delivery
from helpline.messaging.webhooks.service import MAX_ENABLED, NotPossible, TooManyEndpoints
from helpline.web.access import ADMIN, allow
from helpline.web.admin.blueprint import admin
from helpline.web.forms import strip
from helpline.web.language import gettext as _
from helpline.web.language import lazy_gettext
from helpline.web.sessions import current_staff_id

_EVENTS = {
    WebhookEvent.REQUESTED: lazy_gettext("Requested"),
    WebhookEvent.REACHED: lazy_gettext("Reached"),
    WebhookEvent.UNREACHED: lazy_gettext("Unreached"),
    WebhookEvent.CANCELLED: lazy_gettext("Cancelled"),
    WebhookEvent.EXPIRED: lazy_gettext("Expired"),
    WebhookEvent.CORRECTED: lazy_gettext("Outcome corrected"),
    WebhookEvent.TEST: lazy_gettext("Test"),
}
_STATES = {
    OutboxState.PENDING: lazy_gettext("Waiting"),
    OutboxState.IN_HAND: lazy_gettext("Sending"),
    OutboxState.DONE: lazy_gettext("Delivered"),
    OutboxState.GIVEN_UP: lazy_gettext("Failed"),
}
_PROBLEMS = {
    DeliveryProblem.ADDRESS: lazy_gettext("The address is in a private network."),
    DeliveryProblem.UNREACHABLE: lazy_gettext("No connection."),
    DeliveryProblem.TIMEOUT: lazy_gettext("No answer in time."),
    DeliveryProblem.TLS: lazy_gettext("The certificate is not valid."),
    DeliveryProblem.SECRET: lazy_gettext("The secret cannot be decrypted."),
    DeliveryProblem.DISABLED: lazy_gettext("The webhook was disabled."),
}


class WebhookForm(FlaskForm):  # type: ignore[misc]
    """An endpoint to add."""

    url = URLField(
        lazy_gettext("Address"),
        description=lazy_gettext("For example, https://cases.example.org/webhooks"),
        filters=[strip],
    )

    def validate_url(self, field: URLField) -> None:
        try:
            target = Target.parse(field.data, allow_private=_allow_private())
            http_client.resolve(target, allow_private=_allow_private())
        except InvalidWebhookUrl as problem:
            raise ValidationError(_(str(problem))) from problem
        except http_client.DeliveryFailed as failed:
            if failed.problem == DeliveryProblem.ADDRESS:  # What has no address may get one.
                raise ValidationError(_PROBLEMS[failed.problem]) from failed


@admin.get("/webhooks")
@allow(ADMIN)
def webhook_list() -> ResponseReturnValue:
    return _page(WebhookForm())


@admin.post("/webhooks")
@allow(ADMIN)
def add_webhook() -> ResponseReturnValue:
    """Add an endpoint and show its secret this once."""
    form = WebhookForm()
    if not form.validate():
        return _page(form), 422
    try:
        secret = service.add_endpoint(form.url.data, **_by_whom())
    except TooManyEndpoints:
        form.url.errors = [_too_many()]
        return _page(form), 409
    return render_template("admin/webhook_secret.html", secret=secret, is_new=True)


@admin.post("/webhooks/<int:endpoint_id>/secret")
@allow(ADMIN)
def rotate_webhook_secret(endpoint_id: int) -> ResponseReturnValue:
    """Replace the secret and show the new one this once."""
    try:
        secret = service.rotate_secret(endpoint_id, **_by_whom())
    except NotPossible:
        return _back(_not_possible(), "error")
    return render_template("admin/webhook_secret.html", secret=secret, is_new=False)


@admin.post("/webhooks/<int:endpoint_id>/test")
@allow(ADMIN)
def test_webhook(endpoint_id: int) -> ResponseReturnValue:
    done = _("The test is being sent. Reload this page in a few seconds.")
    return _change(service.send_test, endpoint_id, done)


@admin.post("/webhooks/<int:endpoint_id>/disable")
@allow(ADMIN)
def disable_webhook(endpoint_id: int) -> ResponseReturnValue:
    return _change(service.disable, endpoint_id, _("Webhook disabled. Nothing more is sent to it."))


@admin.post("/webhooks/<int:endpoint_id>/enable")
@allow(ADMIN)
def enable_webhook(endpoint_id: int) -> ResponseReturnValue:
    done = _("Webhook enabled. Events from now on are sent to it.")
    return _change(service.enable, endpoint_id, done)


@admin.post("/webhooks/deliveries/<int:delivery_id>/again")
@allow(ADMIN)
def send_webhook_again(delivery_id: int) -> ResponseReturnValue:
    done = _("The message is being sent again. Reload this page in a few seconds.")
    return _change(service.send_again, delivery_id, done)


def _change(change: Callable[..., None], row_id: int, done: str) -> ResponseReturnValue:
    try:
        change(row_id, **_by_whom())
    except TooManyEndpoints:
        return _back(_too_many(), "error")
    except NotPossible:
        return _back(_not_possible(), "error")
    return _back(done)


def _back(message: str, category: str = "message") -> ResponseReturnValue:
    flash(message, category)
    return redirect(url_for("admin.webhook_list"), 303)


def _by_whom() -> dict[str, Any]:
    return {"admin_id": current_staff_id(), "now": clock.now()}


def _page(form: WebhookForm) -> str:
    session = db.session()
    return render_template(
        "admin/webhooks.html",
        form=form,
        endpoints=queries.all_endpoints(session),
        deliveries=queries.last_deliveries(session),
        event_words=_EVENTS,
        state_words=_STATES,
        answer_words=_answer_words,
        waiting=OutboxState.PENDING,
    )


def _answer_words(delivery: Delivery) -> str:
    """Return what the last attempt was answered, or why it was not."""
    if delivery.problem in _PROBLEMS:
        return str(_PROBLEMS[DeliveryProblem(delivery.problem)])
    if delivery.http_status is None:
        return ""
    return _("Answered with HTTP status %(status)s.", status=delivery.http_status)


def _allow_private() -> bool:
    return settings().environment == "development"


def _too_many() -> str:
    return _("At most %(most)s webhooks can be enabled. Disable one first.", most=MAX_ENABLED)


def _not_possible() -> str:
    return _("This is no longer possible. The page shows the current state.")
