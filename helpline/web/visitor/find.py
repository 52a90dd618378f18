"""Find a request by its reference and the last digits of the number, where the link is lost."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from helpline import clock
from helpline.callbacks import references
from helpline.callbacks.references import TooManyGuesses
from helpline.domain.references import parse, parse_last_digits
from helpline.web import formatting, rate_limits
from helpline.web.access import ANYONE, allow
from helpline.web.language import gettext
from helpline.web.language import lazy_gettext as _
from helpline.web.visitor.blueprint import visitor
from helpline.web.visitor.forms import strip_control_characters
from helpline.web.visitor_context import visitor_page


class FindForm(FlaskForm):  # type: ignore[misc]
    """A reference and the last digits of a number."""

    class Meta:
        csrf = False

    reference = StringField(
        _("Your reference"),
        description=_("Six letters and digits, such as K7M-3XD."),
        filters=[strip_control_characters],
    )
    last_digits = StringField(
        _("Last 4 digits of the phone number"),
        description=_("The number that we should call."),
        filters=[strip_control_characters],
    )

    def validate_reference(self, field: StringField) -> None:
        if parse(field.data or "") is None:
            raise ValidationError(_("Enter the 6 letters and digits of your reference."))

    def validate_last_digits(self, field: StringField) -> None:
        if parse_last_digits(field.data or "") is None:
            raise ValidationError(_("Enter the last 4 digits of the phone number."))


@visitor.route("/find", methods=["GET", "POST"])
@allow(ANYONE)
def find() -> ResponseReturnValue:
    """Lead to the page of a request. What is typed is in no address."""
    form, now = FindForm(request.form if request.method == "POST" else None), clock.now()
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    reference, digits = parse(form.reference.data), parse_last_digits(form.last_digits.data)
    assert reference is not None
    assert digits is not None
    try:
        token = references.find_link(reference, digits, rate_limits.guessers(), now=now)
    except TooManyGuesses as problem:
        form.form_errors.append(
            gettext(
                "There were too many wrong tries. You can try again %(time)s.",
                time=formatting.moment_words(now + problem.wait),
            )
        )
        page = make_response(_page(form), 429)
        page.headers["Retry-After"] = str(int(problem.wait.total_seconds()) + 1)
        return page
    if token is None:
        form.form_errors.append(
            gettext(
                "We cannot find a request with this reference and these digits. Please check both. "
                "The request may also be closed for long, or erased."
            )
        )
        return _page(form), 422
    return redirect(url_for("visitor.status", token=token), 303)


def _page(form: FindForm) -> str:
    return render_template("visitor/find.html", **visitor_page(), form=form)
