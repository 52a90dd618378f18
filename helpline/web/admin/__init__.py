"""The admin's house, a module a page. What is imported here is on the web."""

from helpline.web.admin import (
    audit_log,
    calls,
    capacity,
    crisis,
    exceptions,
    exchange,
    home,
    hours,
    measures,
    privacy,
    rota,
    safety,
    shut_now,
    sign_ins,
    staff,
    websites,
)
from helpline.web.admin.blueprint import admin

__all__ = (
    "admin",
    "audit_log",
    "calls",
    "capacity",
    "crisis",
    "exceptions",
    "exchange",
    "home",
    "hours",
    "measures",
    "privacy",
    "rota",
    "safety",
    "shut_now",
    "sign_ins",
    "staff",
    "websites",
)
