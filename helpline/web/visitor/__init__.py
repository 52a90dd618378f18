"""The visitor's pages, a module a matter. They work without cookies and without JavaScript."""

from helpline.web.visitor import leaving, standing, views
from helpline.web.visitor.blueprint import visitor

__all__ = ("leaving", "standing", "views", "visitor")
