"""The blueprint of the sign-in pages."""

from flask import Blueprint

auth_pages = Blueprint("door", __name__)
