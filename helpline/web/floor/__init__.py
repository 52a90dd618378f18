"""The live floor, for supervisors: who is on what, who waits, and the work handed out anew."""

from helpline.web.floor.held import floor

__all__ = ("floor",)
