"""What each shortcut of the desk does, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpline.domain.shortcuts import Shortcut
from helpline.web.language import lazy_gettext as _

SHORTCUT_LABELS: Mapping[str, Any] = {
    Shortcut.CLAIM: _("claim next callback"),
    Shortcut.CALL: _("call"),
    Shortcut.OWN_PHONE: _("call from my own phone"),
    Shortcut.STOP: _("stop the call"),
    Shortcut.MORE_TIME: _("get more time"),
    Shortcut.RELEASE: _("release to the queue"),
    Shortcut.WHAT_TO_SAY: _("show what to say"),
    Shortcut.EARLIER_CALLS: _("show earlier calls, if they agree"),
    Shortcut.NOTES: _("type notes"),
    Shortcut.SAVE_DRAFT: _("save the draft"),
    Shortcut.OUTCOMES: _("show outcomes"),
    Shortcut.FOLLOW_UP: _("book a follow-up"),
    Shortcut.REFERRALS: _("open referrals"),
    Shortcut.FIND_PLACES: _("find places"),
    Shortcut.TEXT_REFERRALS: _("notify of referrals by text message"),
    Shortcut.TRANSFER: _("open transfer"),
    Shortcut.SEND_TRANSFER: _("transfer to the chosen colleague"),
    Shortcut.URGENT: _("mark as urgent or not urgent"),
    Shortcut.EMERGENCY: _("emergency"),
    Shortcut.HELP_NOW: _("ask supervisors for help, or withdraw it"),
    Shortcut.TEXT_NUMBERS: _("send emergency numbers by text message"),
    Shortcut.REPORT_UNREADABLE: _("report a number that cannot be decrypted"),
    Shortcut.CLOSE_UNREADABLE: _("close a request that cannot be decrypted"),
    Shortcut.SAVE: _("save the outcome"),
    Shortcut.SAVE_NEXT: _("save and claim next"),
    Shortcut.UNDO: _("undo the outcome just saved"),
    Shortcut.PRESENCE: _("take a break or go available"),
    Shortcut.UNFINISHED: _("show unfinished calls"),
    Shortcut.TODAY: _("show your calls of this shift"),
    Shortcut.HELP: _("show these shortcuts"),
}
