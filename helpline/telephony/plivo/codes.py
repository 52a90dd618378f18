"""Plivo's hang-up causes and error codes: whose fault each is, and the remedy.

Its API has no codes: the HTTP status stands for one (400 to 499, no hang-up cause is in that range)
and the text of the error says more. A bad number is mostly accepted and refused later, by its
hang-up cause. Where a cause leaves two explanations open, the row is the one that costs the visitor
nothing.
"""

from __future__ import annotations

from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.telephony.problems import Fault, Meaning, Problem, Remedy, SmsProblem, problem_of_leg

CAUSES = "https://www.plivo.com/docs/voice/troubleshooting/hangup-causes"
_LIMITS = "https://www.plivo.com/docs/voice/concepts/account-limits"
_INDIA = "https://www.plivo.com/docs/voice/concepts/india-calling"
_INDIA_LIMITS = "https://www.plivo.com/docs/voice/concepts/india-concurrency"
_GEO_PERMISSIONS = "https://www.plivo.com/docs/voice/concepts/geo-permissions"
_CALLBACKS = "https://www.plivo.com/docs/voice/concepts/callbacks"
_API = "https://www.plivo.com/docs/voice/api/overview"

BAD_CREDENTIALS = 401
FORBIDDEN = 403
TOO_MANY_REQUESTS = 429


def _rows(fault: Fault, remedy: Remedy, *codes: int, source: str = CAUSES) -> dict[int, Meaning]:
    return {code: Meaning(fault, remedy, source) for code in codes}


CODES: dict[int, Meaning] = {
    **_rows(Fault.CALLED_NUMBER, Remedy.CORRECT_NUMBER, 2000),
    # Out of service, not allocated, refused by its network: of valid numbers too, for a while.
    **_rows(Fault.DESTINATION, Remedy.TRY_LATER, 2010, 3050, 3120),
    # A barred number, such as a premium one, says nothing about its country.
    **_rows(Fault.DESTINATION, Remedy.ASK_CARRIER, 2040),
    **_rows(Fault.CALLER_ID, Remedy.CHANGE_CALLER_ID, 3030, 3140),
    # Marked as spam.
    **_rows(Fault.CALLER_ID, Remedy.ASK_CARRIER, 3130),
    **_rows(Fault.REGION, Remedy.ALLOW_REGION, 2030, 2050, FORBIDDEN, source=_GEO_PERMISSIONS),
    # Media anchoring: a call in India needs both phones, and the server, in India.
    **_rows(Fault.REGION, Remedy.ASK_CARRIER, 2070, source=_INDIA),
    **_rows(Fault.ACCOUNT, Remedy.REACTIVATE_ACCOUNT, 1010),
    **_rows(Fault.ACCOUNT, Remedy.CORRECT_CREDENTIALS, BAD_CREDENTIALS, source=_API),
    # Too much at once: 50 legs in India (refused, never queued), one number too often, requests.
    **_rows(Fault.CARRIER_NOW, Remedy.TRY_LATER, 5030, source=_INDIA_LIMITS),
    **_rows(Fault.CARRIER_NOW, Remedy.TRY_LATER, 1020, 3090),
    **_rows(Fault.CARRIER_NOW, Remedy.TRY_LATER, TOO_MANY_REQUESTS, source=_LIMITS),
    # Our own webhooks: not reached, not in time, or not XML.
    **_rows(
        Fault.SERVICE,
        Remedy.CHECK_SERVICE,
        *range(7011, 7035),
        *range(8011, 8015),
        source=_CALLBACKS,
    ),
    # A fault in Plivo's or a carrier's network.
    **_rows(Fault.UNKNOWN, Remedy.ASK_CARRIER, 3070, 3080, 5000, 5010, 5020, 6020),
}
"""Hang-up causes that say that something went wrong, and API statuses."""

UNKNOWN = Meaning(Fault.UNKNOWN, Remedy.ASK_CARRIER, CAUSES)

REGION_CODES = frozenset({2030, 2050, 2070, FORBIDDEN})

ENDS: dict[int, CarrierStatus] = {
    1000: CarrierStatus.CANCELED,
    3000: CarrierStatus.NO_ANSWER,
    3010: CarrierStatus.BUSY,
    3020: CarrierStatus.BUSY,  # declined; as on a mobile network, which reports busy
    3040: CarrierStatus.BUSY,
    3100: CarrierStatus.BUSY,
    3110: CarrierStatus.BUSY,
    4000: CarrierStatus.COMPLETED,
    4010: CarrierStatus.COMPLETED,
    6000: CarrierStatus.COMPLETED,  # the time limit
    6010: CarrierStatus.NO_ANSWER,
    9000: CarrierStatus.CANCELED,
    9100: CarrierStatus.COMPLETED,  # a machine answered
    9110: CarrierStatus.COMPLETED,  # answered, but the key of ``confirmKey`` was not pressed
}
"""Hang-up causes of an ordinary end (the page ``CAUSES``). Any other one is FAILED."""


def meaning_of(code: int | None) -> Meaning:
    """Return the meaning of a code."""
    return CODES.get(code or 0, UNKNOWN)


def problem_of(code: int | None, leg: Leg = Leg.ADVISOR) -> Problem:
    """Return our problem for a hang-up cause of one leg."""
    return problem_of_leg(meaning_of(code), leg)


_KYC = ("'accepted' status", "'suspended'")
_CALLER_ID = ("not associated with your account", "'from'", "from number", "caller id", "src")
_DLT = ("dlt", "template", "entity", "sender")


def problem_of_text(error: str) -> Problem:
    """Return our problem for the text of an API error with status 400."""
    text = error.lower()
    if any(words in text for words in _KYC):
        return Problem.ACCOUNT
    if any(words in text for words in _CALLER_ID):
        return Problem.CALLER_ID
    return Problem.ADVISOR_NUMBER


def sms_problem_of_text(error: str) -> SmsProblem:
    """Return our problem for the text of an API error of a text message with status 400."""
    if any(words in error.lower() for words in _DLT):
        return SmsProblem.SENDER
    return {
        Problem.ACCOUNT: SmsProblem.ACCOUNT,
        Problem.CALLER_ID: SmsProblem.SENDER,
    }.get(problem_of_text(error), SmsProblem.NUMBER)


_SMS_CODES = {
    10: SmsProblem.REFUSED,  # invalid message
    20: SmsProblem.UNDELIVERED,  # network error
    30: SmsProblem.FILTERED,
    40: SmsProblem.SENDER,
    50: SmsProblem.NUMBER,
    60: SmsProblem.UNREACHABLE,
    70: SmsProblem.NO_ROUTE,
    80: SmsProblem.NUMBER,
    90: SmsProblem.UNREACHABLE,
    110: SmsProblem.FILTERED,
    200: SmsProblem.STOPPED,
    451: SmsProblem.REFUSED,  # the hourly limit of the account
}
"""Error codes of text messages
(https://www.plivo.com/docs/messaging/troubleshooting/error-codes). Any other is REFUSED.
"""


def sms_problem_of(code: int | None) -> SmsProblem:
    """Return our problem for an error code of a text message."""
    return _SMS_CODES.get(code or 0, SmsProblem.REFUSED)
