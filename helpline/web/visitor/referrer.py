"""The article on another website that a visitor came from, if they and both sites agree.

The panel there sends a form, so that the article's address is in no URL of ours, no history and
no log. It is then carried along in hidden fields.
"""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField

from helpline.callbacks.service import Channel
from helpline.db import db
from helpline.domain.web_origins import path_of_page, title_of_page
from helpline.web.language import lazy_gettext as _
from helpline.websites import queries as website_queries


class ReferrerFields:
    """Fields of the request form about where the visitor came from."""

    via = HiddenField()
    from_page = HiddenField()
    from_title = HiddenField()
    hide_page = BooleanField(_("Do not tell the advisor which page I came from"))

    def referrer_values(self) -> dict[str, Any]:
        """Return the arguments of ``CallbackRequest`` about the referrer."""
        hidden = self.hide_page.data
        return {
            "channel": Channel.EMBED if self.via.data == Channel.EMBED else Channel.WEB,
            "source_page": None if hidden else path_of_page(self.from_page.data),
            "source_title": None if hidden else title_of_page(self.from_title.data),
        }


def from_panel() -> dict[str, str]:
    """Return the form fields for what a panel sent; the article only if an admin allows it."""
    values = {"via": Channel.EMBED.value}
    website = website_queries.in_force(db.session()).of(request.headers.get("Origin"))
    if website is not None and website.may_tell_page:
        values["from_page"] = path_of_page(request.form.get("page")) or ""
        values["from_title"] = title_of_page(request.form.get("title")) or ""
    return values
