"""What pages are measured beside: a Flask view that renders a Jinja template, and no more.

Its template is a list of rows with two words put in and escaped each, as long as is asked for. It
is compressed by Flask-Compress, which is set as ours is.
"""

from __future__ import annotations

from flask import Flask, render_template
from flask_compress import Compress
from jinja2 import DictLoader

_ROW = (
    '<li class="row"><label class="chip"><input type="radio" id="{{ row.id }}" name="when" '
    'value="{{ row.value }}"><span>10:30 AM, and some more words that stand in the template'
    "</span></label></li>\n"
)
_PAGE = (
    "<!DOCTYPE html><html lang=en><title>A page</title><ul>{% for row in rows %}"
    + _ROW
    + "{% endfor %}</ul></html>"
)
_ROW_BYTES = 190


def create_app() -> Flask:
    """The application: /<bytes> is a page of about that size."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"page.html": _PAGE})
    app.config.update(COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    Compress(app)

    @app.get("/<int:size>")
    def page(size: int) -> str:
        rows = [
            {"id": f"t-{n}", "value": f"2026-11-23T{n:04}+00:00"} for n in range(size // _ROW_BYTES)
        ]
        return render_template("page.html", rows=rows)

    return app
