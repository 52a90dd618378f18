"""Check that a phone number can be a visitor's; used by every channel.

The helpline's own number, a staff phone or another service never reaches a visitor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from helpline.directory.crisis.published_directory import Directory
from helpline.directory.referrals import queries as referral_queries
from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.phone_numbers import PhoneNumber, international_number
from helpline.staff import advisor_line
from helpline.telephony import regions


@dataclass(frozen=True, slots=True)
class NonVisitorNumbers:
    """Numbers that are no visitor's, besides those in the database.

    Args:
        own: the helpline's own (E.164).
        directory: the crisis directory.
        region: the helpline's; lines of its region and of the number's are compared.
    """

    own: Collection[str] = ()
    directory: Directory = field(default_factory=lambda: Directory(()))
    region: str = "ZZ"


def require_visitor_number(
    session: Session, number: PhoneNumber, numbers: NonVisitorNumbers
) -> None:
    """Check that a number can be a visitor's.

    Raises:
        InvalidPhoneNumber: CANNOT_BE_CALLED for a series from which companies only call,
            OWN_NUMBER for the helpline's and its staff's, OTHER_SERVICE for a crisis line or a
            referral.
    """
    if number.national_digits.startswith(regions.facts(number.region).not_called_back.value or "-"):
        raise InvalidPhoneNumber(PhoneProblem.CANNOT_BE_CALLED)
    if number.e164 in numbers.own or advisor_line.staff_with_phone(session, number.e164):
        raise InvalidPhoneNumber(PhoneProblem.OWN_NUMBER)
    if any(
        international_number(written, region) == number.e164
        for written, region in _service_numbers(
            session, {number.region, numbers.region}, numbers.directory
        )
    ):
        raise InvalidPhoneNumber(PhoneProblem.OTHER_SERVICE)


def _service_numbers(
    session: Session, regions: Collection[str], directory: Directory
) -> Iterator[tuple[str, str]]:
    for region in regions:
        for line in directory.lines(region):
            for written in (line.phone, line.tel, line.sms_number, line.whatsapp):
                if written:
                    yield written, region
    yield from referral_queries.numbers(session, regions)
