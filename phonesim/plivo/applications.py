"""Applications: where the calls and texts of numbers go.

https://www.plivo.com/docs/account/api/application
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from phonesim.lines import Line
from phonesim.settings import Settings

# What Plivo calls it, and the attribute of a line.
_ROUTES = {
    "answer_url": "voice_url",
    "answer_method": "voice_method",
    "fallback_answer_url": "voice_fallback_url",
    "fallback_method": "voice_fallback_method",
    "hangup_url": "status_callback",
    "hangup_method": "status_callback_method",
    "message_url": "sms_url",
    "message_method": "sms_method",
}


@dataclass
class Application:
    """One application; `routes` by Plivo's names."""

    app_id: str
    name: str
    routes: dict[str, str] = field(default_factory=dict)

    def attach(self, line: Line) -> Line:
        """Send a number's calls and texts where this application says."""
        line.details["application"] = self.app_id
        for name, attribute in _ROUTES.items():
            setattr(line, attribute, self.routes[name])
        return line

    def change(self, told: Mapping[str, str]) -> None:
        """Set what is named."""
        self.routes.update({name: told[name] or "" for name in _ROUTES if name in told})


class Applications:
    """Those of the account; numbers have the default one at first."""

    def __init__(self, settings: Settings) -> None:
        self.all: dict[str, Application] = {}
        self.default = self.add("Simulated helpline")
        self.default.change(
            {
                "answer_url": settings.voice_url,
                "fallback_answer_url": settings.voice_fallback_url,
                "hangup_url": settings.status_callback,
                "message_url": settings.sms_url,
            }
        )

    def add(self, name: str) -> Application:
        """A new one that leads nowhere yet."""
        app_id = "".join(secrets.choice("123456789") for _ in range(17))
        routes = {each: "POST" if each.endswith("method") else "" for each in _ROUTES}
        self.all[app_id] = Application(app_id, name, routes)
        return self.all[app_id]
