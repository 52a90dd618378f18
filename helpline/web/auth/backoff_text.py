"""How long to wait before the next attempt, as text."""

from __future__ import annotations

import math
from datetime import timedelta

from helpline.web.language import gettext as _
from helpline.web.language import ngettext


def wait_words(wait: timedelta) -> str:
    seconds = max(1, math.ceil(wait.total_seconds()))
    if seconds < 60:
        duration = ngettext("%(num)s second", "%(num)s seconds", seconds)
    else:
        duration = ngettext("%(num)s minute", "%(num)s minutes", math.ceil(seconds / 60))
    return _("Too many attempts. Wait %(time)s, then try again.", time=duration)
