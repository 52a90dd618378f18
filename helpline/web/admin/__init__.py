"""The admin's house, a module a page. What is imported here is on the web."""

from helpline.web.admin import (
    calls,
    capacity,
    crisis,
    exceptions,
    exchange,
    home,
    hours,
    measures,
    rota,
    safety,
    shut_now,
    staff,
)
from helpline.web.admin.blueprint import admin

__all__ = (
    "admin",
    "calls",
    "capacity",
    "crisis",
    "exceptions",
    "exchange",
    "home",
    "hours",
    "measures",
    "rota",
    "safety",
    "shut_now",
    "staff",
)
