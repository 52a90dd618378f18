"""A browser without JavaScript: it keeps cookies, reads forms and sends them as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from unittest import mock

from flask import abort, redirect
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_security.utils import login_user, verify_password
from werkzeug.test import TestResponse

from helpline.db import db
from tests.cast import Member

_OF_FORMS = re.compile(
    r"<textarea\b.*?</textarea>"
    r"""|</?(?:form|input|select|option)\b(?:[^>"']|"[^"]*"|'[^']*')*>""",
    re.DOTALL | re.IGNORECASE,
)
"""What a page has of forms: to read the rest of it takes ten times as long."""


@dataclass(frozen=True)
class Form:
    """A form of a page, with what stands in its fields."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def fill(self, **changes: Any) -> Form:
        """The same form with these fields changed: a text, a list of texts, True for a box that
        is ticked, None or False for one that is not."""
        fields = dict(self.fields)
        for name, value in changes.items():
            fields[name] = _as_sent(value)
        return replace(self, fields=fields)


def _as_sent(value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["y"]
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def without_reference(page: str) -> str:
    """A visitor's page without the reference of the request, which no other has."""
    return re.sub(r'"entered-number".*?</p>\s*<p>Say it like this: .*?</p>', "REFERENCE", page)


class Client(FlaskClient):
    """The test client, with the habits of a browser.

    Each request runs in an application context of its own, as it does on a server: nothing of
    one request (who is signed in, what the session has read) is seen by the next, nor by the
    test, whose own session reads afresh after every request.
    """

    page_address = "/"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Sends a request."""
        db.session.rollback()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.rollback()
        if response.request.method == "GET":
            self.page_address = response.request.path
        return response

    def submit(
        self, page: TestResponse | Form, action: str = "", follow: bool = False, **fields: Any
    ) -> TestResponse:
        """Sends a form of a page, its hidden fields with it.

        Args:
            page: the page as it was answered, or the form.
            action: a part of the form's address, where the page has several forms.
            follow: whether to go where the answer leads.
            fields: what is typed; see Form.fill.
        """
        form = (page if isinstance(page, Form) else form_of(page, action)).fill(**fields)
        address = form.action or self.page_address
        if form.method == "get":
            return self.get(address, query_string=form.fields, follow_redirects=follow)
        return self.post(address, data=form.fields, follow_redirects=follow)

    def sign_in(self, member: Member) -> TestResponse:
        """Signs in without the form, which takes twice as long."""

        def login() -> ResponseReturnValue:
            accounts = self.application.extensions["security"].datastore
            account = accounts.find_user(email=member.email)
            if not (account.active and verify_password(member.password, account.password)):
                abort(401)
            login_user(account)
            return redirect("/staff")

        with mock.patch.dict(self.application.view_functions, {"security.login": login}):
            answer = self.get("/login")
        assert answer.status_code == 302, f"{member.name} could not sign in"
        return answer

    def sign_in_to_page(self, member: Member) -> TestResponse:
        """Signs in through the form, and comes back with the page it leads to."""
        form = form_of(self.get("/login"), "login")
        answer = self.submit(form, email=member.email, password=member.password)
        assert answer.status_code == 302, f"{member.name} could not sign in"
        return self.get(answer.location, follow_redirects=True)


def forms_of(page: TestResponse) -> list[Form]:
    """Every form of a page, in order."""
    reader = _FormReader()
    reader.feed("".join(_OF_FORMS.findall(page.text)))
    return reader.forms


def form_of(page: TestResponse, action: str = "") -> Form:
    """The one form of a page whose address contains ``action``.

    Raises:
        AssertionError: there is none, or more than one.
    """
    forms = forms_of(page)
    found = [form for form in forms if action in form.action]
    all_of_them = [f"{form.method} {form.action}" for form in forms]
    assert len(found) == 1, f"{len(found)} forms match {action!r}; the page has {all_of_them}"
    return found[0]


class _FormReader(HTMLParser):
    """Reads the fields of forms as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._area: tuple[Form, str] | None = None
        self._select: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._open)
            self._by_id[told.get("id", "")] = self._open
        form = self._by_id.get(told["form"]) if told.get("form") else self._open
        if form is None or "disabled" in told:
            return
        name = told.get("name", "")
        if tag == "input" and name:
            self._input(form, name, told)
        elif tag == "textarea" and name:
            form.fields.setdefault(name, []).append("")
            self._area = (form, name)
        elif tag == "select" and name:
            self._select = (form, name)
        elif tag == "option" and self._select:
            self._option(told)

    def _input(self, form: Form, name: str, told: dict[str, str]) -> None:
        kind = told.get("type", "text").lower()
        if kind in ("submit", "button", "image", "reset", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" not in told:
            return
        standing = "on" if kind in ("checkbox", "radio") else ""
        form.fields.setdefault(name, []).append(told.get("value", standing))

    def _option(self, told: dict[str, str]) -> None:
        assert self._select is not None
        form, name = self._select
        if "selected" in told:
            form.fields[name] = [told.get("value", "")]
        else:
            form.fields.setdefault(name, [told.get("value", "")])

    def handle_data(self, data: str) -> None:
        if self._area:
            form, name = self._area
            form.fields[name][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
