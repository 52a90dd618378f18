"""The admin's house, a module a page. What is imported here is on the web."""

from helpline.web.admin import calls, crisis, home, hours, safety, staff
from helpline.web.admin.blueprint import admin

__all__ = ("admin", "calls", "crisis", "home", "hours", "safety", "staff")
