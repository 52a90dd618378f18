"""embed.js: the contact panel on other people's pages."""

from __future__ import annotations

from flask import Blueprint

embed = Blueprint("embed", __name__)
