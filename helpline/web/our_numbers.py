"""Numbers that are not a visitor's: phones of staff, and lines of the crisis directory."""

from __future__ import annotations

import sqlalchemy as sa

from helpline.accounts.models import Staff
from helpline.db import db
from helpline.domain.phone_numbers import PhoneNumber, international_number
from helpline.domain.unreadable import if_readable
from helpline.house import settings
from helpline.web.here import directory


def is_of_staff(number: PhoneNumber) -> bool:
    """Whether it is the phone of one of the staff."""
    phones = db.session().scalars(sa.select(Staff.phone).where(Staff.phone.is_not(None)))
    return any(if_readable(each) == number.e164 for each in phones)


def is_line(number: PhoneNumber) -> bool:
    """Whether it is a line of the crisis directory, of the number's region or the helpline's."""
    regions = {number.region, settings().default_region}
    lines = (line for region in regions for line in directory().lines(region))
    return any(
        international_number(line.phone, line.region) == number.e164 for line in lines if line.phone
    )
