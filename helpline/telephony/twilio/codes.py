"""Twilio's error codes: whose fault each is, and the remedy.

One table for API responses, status callbacks of both legs and the action of <Dial>, so that a code
means the same everywhere. An unlisted code is ``Fault.UNKNOWN``, never the visitor's number's
fault.
"""

from __future__ import annotations

from helpline.domain.call_progress import Leg
from helpline.telephony.problems import Fault, Meaning, Problem, Remedy, SmsProblem, problem_of_leg

_DICTIONARY = "https://www.twilio.com/docs/api/errors/"
_GEO_PERMISSIONS = (
    "https://support.twilio.com/hc/en-us/articles/223180228-International-Voice-Dialing-"
    "Geographic-Permissions-Geo-Permissions-and-How-They-Work"
)
_TRIALS = "https://www.twilio.com/docs/usage/trials"


def _rows(fault: Fault, remedy: Remedy, *codes: int, source: str = "") -> dict[int, Meaning]:
    return {code: Meaning(fault, remedy, source or f"{_DICTIONARY}{code}") for code in codes}


CODES: dict[int, Meaning] = {
    # The number called is no phone number: wrong format, unknown country code, not valid.
    **_rows(Fault.CALLED_NUMBER, Remedy.CORRECT_NUMBER, 13223, 13226, 21201, 21211, 21217),
    # The number that would show: not ours, not verified, or no number at all.
    **_rows(Fault.CALLER_ID, Remedy.CHANGE_CALLER_ID, 13214, 13248, 21210, 21212, 21213),
    # This one destination. 13224 is told both of numbers that do not exist and of valid ones that
    # no partner of the carrier can reach just now ("a local telecom network outage").
    **_rows(Fault.DESTINATION, Remedy.TRY_LATER, 13224, 21214),
    # Blocked by the carrier: risk of fraud, or a rule of that country. 13225 is what <Dial> says
    # where the API says 21216.
    **_rows(Fault.DESTINATION, Remedy.ASK_CARRIER, 13225, 21216, 32224),
    # Permissions of the account: a region is refused by these three only. 21408 is of texts.
    **_rows(Fault.REGION, Remedy.ALLOW_REGION, 13227, 21215, 32205, source=_GEO_PERMISSIONS),
    **_rows(Fault.REGION, Remedy.ALLOW_REGION, 21408),
    **_rows(Fault.ACCOUNT, Remedy.CORRECT_CREDENTIALS, 20003, 20006, 20404, 70051),
    **_rows(Fault.ACCOUNT, Remedy.REACTIVATE_ACCOUNT, 10001, 10005, 20005, 20403, 30002),
    **_rows(Fault.ACCOUNT, Remedy.UPGRADE_ACCOUNT, 10002, 14111, 21608, 572005, 573005),
    **_rows(Fault.ACCOUNT, Remedy.UPGRADE_ACCOUNT, 21219, source=_TRIALS),
    # Too much at once: the pace of requests, or calls at the same time.
    **_rows(Fault.CARRIER_NOW, Remedy.TRY_LATER, 10004, 20429, 20503, 64109, 86008),
}
"""Twilio's codes of calls, by https://www.twilio.com/docs/api/errors.

Where the dictionary leaves two explanations open, the row is the one that costs the visitor
nothing: no callback ends on a guess.
"""

UNKNOWN = Meaning(Fault.UNKNOWN, Remedy.ASK_CARRIER, "https://www.twilio.com/docs/api/errors")

REGION_CODES = frozenset({13227, 21215, 32205})
"""Codes that reject a whole region (help page "International Voice Dialing Geographic Permissions":
blocked calls are flagged by one of these three).
"""

BAD_CREDENTIALS = 20003
_BY_STATUS = {401: BAD_CREDENTIALS, 403: 20403, 404: 20404, 429: 20429}


def meaning_of(code: int | None) -> Meaning:
    """Return the meaning of a code."""
    return CODES.get(code or 0, UNKNOWN)


def code_of(status: int, code: int | None) -> int | None:
    """Return the code of an API response: its own, or the one its HTTP status stands for.

    Twilio's client gives the status where the body has no code.
    """
    return _BY_STATUS.get(status) if code is None or code == status else code


def problem_of(code: int | None, leg: Leg = Leg.ADVISOR) -> Problem:
    """Return our problem for an error code of one leg."""
    return problem_of_leg(meaning_of(code), leg)


_SMS_CODES = {
    21211: SmsProblem.NUMBER,
    21214: SmsProblem.NUMBER,
    21212: SmsProblem.SENDER,
    21603: SmsProblem.SENDER,
    21606: SmsProblem.SENDER,
    21610: SmsProblem.STOPPED,
    21612: SmsProblem.NO_ROUTE,
    21614: SmsProblem.NUMBER,
    21635: SmsProblem.NUMBER,
    21659: SmsProblem.SENDER,
    30003: SmsProblem.UNREACHABLE,
    30004: SmsProblem.FILTERED,
    30005: SmsProblem.UNREACHABLE,
    30006: SmsProblem.NUMBER,
    30007: SmsProblem.FILTERED,
    30008: SmsProblem.UNDELIVERED,
}
"""Codes of Twilio's Messages (https://www.twilio.com/docs/api/errors/ and the code). Those shared
with calls are in CODES; any other is REFUSED.
"""


def sms_problem_of(code: int | None) -> SmsProblem:
    """Return our problem for an error code."""
    if code in _SMS_CODES:
        return _SMS_CODES[code]
    meaning = meaning_of(code)
    if meaning.remedy == Remedy.CORRECT_CREDENTIALS:
        return SmsProblem.CREDENTIALS
    return {
        Fault.ACCOUNT: SmsProblem.ACCOUNT,
        Fault.REGION: SmsProblem.REGION,
        Fault.CALLER_ID: SmsProblem.SENDER,
    }.get(meaning.fault, SmsProblem.REFUSED)
