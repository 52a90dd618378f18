"""The blueprint of the admin pages."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
