"""What staff do for somebody who calls in; for supervisors and for advisors on duty."""

from helpline.web.callers import new_request, views
from helpline.web.callers.blueprint import callers

__all__ = ("callers", "new_request", "views")
