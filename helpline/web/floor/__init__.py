"""The live floor, for supervisors: who is on what, who waits, and the work handed out anew."""

from helpline.web.floor import blocks, held, set_aside, undelivered, unread
from helpline.web.floor.views import floor

__all__ = ("blocks", "floor", "held", "set_aside", "undelivered", "unread")
