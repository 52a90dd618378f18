"""Somebody comes from an article of another website: which one, if they and both sites agree.

The panel there sends them here by a form, so that the article's address stands in no address of
ours, in no history and in no log. Which article it was is then carried along in the page itself.
"""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField

from helpline.callbacks.service import Channel
from helpline.db import db
from helpline.domain.web_origins import page_of, title_of
from helpline.web.language import lazy_gettext as _
from helpline.websites import queries as websites


class ReferrerFields:
    """The fields of the request that say where somebody came from."""

    via = HiddenField()
    from_page = HiddenField()
    from_title = HiddenField()
    hide_page = BooleanField(_("Do not tell the advisor which page I came from"))

    def came_from(self) -> dict[str, Any]:
        """The part of a wish that tells it."""
        hidden = self.hide_page.data
        return {
            "channel": Channel.EMBED if self.via.data == Channel.EMBED else Channel.WEB,
            "source_page": None if hidden else page_of(self.from_page.data),
            "source_title": None if hidden else title_of(self.from_title.data),
        }


def from_panel() -> dict[str, str]:
    """What the panel of another website sent along, as the form carries it on; the article only
    if an admin allows it for that website."""
    told = {"via": Channel.EMBED.value}
    website = websites.in_force(db.session()).of(request.headers.get("Origin"))
    if website is not None and website.may_tell_page:
        told["from_page"] = page_of(request.form.get("page")) or ""
        told["from_title"] = title_of(request.form.get("title")) or ""
    return told
