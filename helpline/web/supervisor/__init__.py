"""The live view for supervisors: advisors, the queue, and reassignment."""

from helpline.web.supervisor import (
    blocks,
    bookings,
    held_requests,
    pause,
    set_aside,
    undelivered_sms,
    unfinished,
    unread_sms,
)
from helpline.web.supervisor.views import supervisor_pages

__all__ = (
    "blocks",
    "bookings",
    "held_requests",
    "pause",
    "set_aside",
    "supervisor_pages",
    "undelivered_sms",
    "unfinished",
    "unread_sms",
)
