"""The visitor pages. They work without cookies and without JavaScript."""

from helpline.web.visitor import embed, find, quick_exit, status, views
from helpline.web.visitor.blueprint import visitor

__all__ = ("embed", "find", "quick_exit", "status", "views", "visitor")
