"""The door's blueprint."""

from flask import Blueprint

auth_pages = Blueprint("door", __name__)
