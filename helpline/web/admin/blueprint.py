"""The admin's house as Flask knows it; each page has a module of its own."""

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")
