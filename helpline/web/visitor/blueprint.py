"""The visitor's pages as Flask knows them; each matter has a module of its own."""

from flask import Blueprint

visitor = Blueprint("visitor", __name__)
