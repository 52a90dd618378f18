"""The door's blueprint."""

from flask import Blueprint

door = Blueprint("door", __name__)
