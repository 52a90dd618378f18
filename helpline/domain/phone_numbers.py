"""Phone numbers: parsed as people type them, stored in E.164, masked unless shown on purpose.

Valid, premium and emergency numbers are those of libphonenumber's metadata (``phonenumbers``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem

MAX_CHARACTERS = 60
"""More than any number needs, however spaced."""

_E164 = re.compile(r"\+[1-9][0-9]{3,14}")
_LABEL = re.compile(r"^[^\d+:]{1,20}:")
"""Such as "tel:" or "Mob:", in any script."""
_SURROUNDING = " \t\r\n;,."
_TYPED = re.compile(r"(\+?)([0-9]+)")
_BETWEEN_DIGITS = re.compile(r"[\s.\-()\[\]/]")
_OTHER_DASHES = "\u2212\u00ad\u02d7\u2043"
"""Characters used as dashes that Unicode does not class as such, the minus sign included."""
_EXTENSION_WORDS = (
    *("extension", "extention", "extn", "ext", "intercom"),
    *("एक्सटेंशन", "एक्सटेन्शन", "एक्स्टेंशन", "एक्स्टेन्शन", "एक्सटेंसन", "एक्स", "विस्तार", "इंटरकॉम"),
)
_EXTENSION = re.compile(
    r"(?P<number>.*?[0-9].*?)[\s,;(\[]*"
    rf"(?:(?:{'|'.join(_EXTENSION_WORDS)})\.?\s*(?:(?:no|number|नंबर|नं)\b\.?)?\s*[:=#-]?"
    # One letter or sign is a mark only before digits: "98765xxxxx" has no extension.
    r"|(?:x|#)(?=[\s.:]*[0-9]))"
    r"(?P<extension>.*)",
    re.IGNORECASE,
)
_EXTENSION_DIGITS = re.compile(r"[0-9]{1,8}")
_SURROUNDING_EXTENSION = _SURROUNDING + ":)]"
_ALL_BUT_THREE_DIGITS = re.compile(r"[0-9](?=(?:[^0-9]*[0-9]){3})")
# ITU-T E.164 leaves short codes to each country; none that helplines use is longer than six digits.
_SHORTEST_CODE, _SHORT_CODE = 2, 6

_BY_LENGTH = {
    ValidationResult.TOO_SHORT: PhoneProblem.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneProblem.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneProblem.TOO_LONG,
}

_BY_PARSING = {
    NumberParseException.NOT_A_NUMBER: PhoneProblem.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: PhoneProblem.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: PhoneProblem.TOO_SHORT,
    NumberParseException.TOO_LONG: PhoneProblem.TOO_LONG,
}

# A personal number (070 in the United Kingdom) can cost as much as premium rate and was used in
# the same fraud: Ofcom, "Personal numbering: review of the 070 number range", 2018.
_BY_TYPE = {
    PhoneNumberType.PREMIUM_RATE: PhoneProblem.PREMIUM_RATE,
    PhoneNumberType.PERSONAL_NUMBER: PhoneProblem.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: PhoneProblem.SHARED_COST,
    # Nobody is called back on these: they lead to a company's queue, a pager or a mailbox. Series
    # that libphonenumber takes for ordinary numbers are in telephony/regions.json. India's
    # toll-free 1800 and UAN 1860 are in its metadata; no rule that forbids calling them was found.
    PhoneNumberType.TOLL_FREE: PhoneProblem.CANNOT_BE_CALLED,
    PhoneNumberType.UAN: PhoneProblem.CANNOT_BE_CALLED,
    PhoneNumberType.PAGER: PhoneProblem.CANNOT_BE_CALLED,
    PhoneNumberType.VOICEMAIL: PhoneProblem.CANNOT_BE_CALLED,
}
_NATIONAL_ONLY = frozenset(
    {PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}
)
_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A phone number whose text shows only its last three digits.

    Args:
        e164: the international form without spaces, such as "+919876543210"; the only way to the
            full number.

    Raises:
        InvalidPhoneNumber: it has another form, or no country has its code.
    """

    e164: str
    _parts: phonenumbers.PhoneNumber = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if _E164.fullmatch(self.e164) is None:
            raise InvalidPhoneNumber(PhoneProblem.NOT_A_NUMBER)
        object.__setattr__(self, "_parts", _parse(self.e164))

    @property
    def region(self) -> str:
        """Region code such as "IN"; "ZZ" when unknown."""
        return phonenumbers.region_code_for_number(self._parts) or "ZZ"

    @property
    def national_digits(self) -> str:
        """Without country code and leading 0: "9876543210"."""
        return phonenumbers.national_significant_number(self._parts)

    @property
    def national(self) -> str:
        """As written in its own region: "098765 43210"."""
        return phonenumbers.format_number(self._parts, PhoneNumberFormat.NATIONAL)

    @property
    def international(self) -> str:
        """As written abroad: "+91 98765 43210"."""
        return phonenumbers.format_number(self._parts, PhoneNumberFormat.INTERNATIONAL)

    @property
    def masked(self) -> str:
        """Enough to recognise one's own number: "+91 ••••• ••210"."""
        country, _, digits = self.international.partition(" ")
        return f"{country} {_ALL_BUT_THREE_DIGITS.sub('•', digits)}"

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"


def parse(
    text: str,
    default_region: str,
    allowed_regions: Collection[str],
    *,
    own_numbers: Collection[str] = (),
    is_to_be_called: bool = True,
) -> PhoneNumber:
    """Reads a number as people type it, if it is one that we may ring.

    Spaces, dots, dashes, brackets, a leading 0, 00 or +, and the digits of any script are fine.

    Args:
        text: what was typed.
        default_region: the region a number without + or 00 belongs to, such as "IN".
        allowed_regions: the regions we ring.
        own_numbers: the helpline's own numbers (E.164), which it does not call.
        is_to_be_called: whether it must be of a kind that can be called back; otherwise any valid
            number of these regions is read.

    Raises:
        InvalidPhoneNumber: with the reason. That we do not ring a region is said before what is
            wrong with the number, so that nobody corrects one that would be refused again.
    """
    plus, digits = _plus_and_digits(text)
    if not plus and phonenumbers.is_emergency_number(digits, default_region):
        raise InvalidPhoneNumber(PhoneProblem.EMERGENCY)
    number = _parse_digits(plus, digits, default_region)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if not set(regions) & set(allowed_regions):
        raise InvalidPhoneNumber(PhoneProblem.REGION_NOT_ALLOWED)
    national = phonenumbers.national_significant_number(number)
    if any(phonenumbers.is_emergency_number(national, region) for region in regions):
        raise InvalidPhoneNumber(PhoneProblem.EMERGENCY)
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhoneNumber(_problem_of_length(number, regions))
    if phonenumbers.region_code_for_number(number) not in allowed_regions:
        raise InvalidPhoneNumber(PhoneProblem.REGION_NOT_ALLOWED)
    if is_to_be_called and (problem := _problem_of_type(number)) is not None:
        raise InvalidPhoneNumber(problem)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if e164 in own_numbers:
        raise InvalidPhoneNumber(PhoneProblem.OWN_NUMBER)
    return PhoneNumber(e164)


def parse_with_extension(
    text: str, default_region: str, allowed_regions: Collection[str]
) -> tuple[PhoneNumber, str | None]:
    """Read a number that may have an extension behind it: "022 1234 5678 ext. 12".

    Args:
        text, default_region, allowed_regions: as for ``parse``.

    Returns:
        The number, and the 1 to 8 digits of its extension; None: it has none.

    Raises:
        InvalidPhoneNumber: as ``parse``; EXTENSION where only the extension cannot be read.
    """
    written, extension = _without_extension(text)
    number = parse(written, default_region, allowed_regions)
    if extension is not None and _EXTENSION_DIGITS.fullmatch(extension) is None:
        raise InvalidPhoneNumber(PhoneProblem.EXTENSION)
    return number, extension


def parse_presented(text: str, region: str) -> str | None:
    """Return the number (E.164) that a network presents for a caller or sender; None for none.

    Networks in India leave out the "+": "919876543210", "09876543210", "9876543210" are one number.

    Args:
        text: as the carrier passes it on.
        region: the region in which it was presented.
    """
    number = text.strip()
    if not number.lstrip("+").isascii() or not number.lstrip("+").isdigit():
        return None
    if number.startswith("+"):
        return number if _E164.fullmatch(number) else None
    try:
        parsed = _parse_digits("", number, region)
    except InvalidPhoneNumber:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def service_number(text: str, region: str) -> str:
    """Return what to dial in a region for the number of a service: "14416", "+18006624357".

    Unlike a visitor's number it may be short, toll-free or shared-cost.

    Args:
        text: as people read it: "1-800-662-4357".
        region: where it is dialled, such as "IN".

    Raises:
        InvalidPhoneNumber: with the reason.
    """
    plus, digits = _plus_and_digits(text)
    if not plus and len(digits) <= _SHORT_CODE:
        if len(digits) < _SHORTEST_CODE:
            raise InvalidPhoneNumber(PhoneProblem.TOO_SHORT)
        return digits
    number = _parse_digits(plus, digits, region)
    if not phonenumbers.is_possible_number(number):
        raise InvalidPhoneNumber(_problem_of_length(number, (region,)))
    return plus + digits


def own_number(text: str, region: str) -> str:
    """Return a caller id of the helpline in E.164: "+911140000000".

    Args:
        text: as the operator wrote it: "+91 11 4000 0000", "011-4000-0000".
        region: the region of a number without country code.

    Raises:
        InvalidPhoneNumber: with the reason.
    """
    plus, digits = _plus_and_digits(text)
    number = _parse_digits(plus, digits, region)
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhoneNumber(_problem_of_length(number, (region,)))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def public_number(text: str, region: str) -> str:
    """Return what to dial to reach the helpline: "+911140000000", "14416", "18005990019".

    Short codes are allowed. A toll-free or shared-cost number written nationally stays so, since
    most cannot be reached from abroad.

    Args:
        text: as the operator wrote it.
        region: the region in which it is dialled, such as "IN".

    Raises:
        InvalidPhoneNumber: with the reason. An emergency number is never the helpline's own.
    """
    plus, digits = _plus_and_digits(text)
    if not plus and phonenumbers.is_emergency_number(digits, region):
        raise InvalidPhoneNumber(PhoneProblem.EMERGENCY)
    if not plus and len(digits) <= _SHORT_CODE:
        return service_number(text, region)
    e164 = own_number(text, region)
    kind = phonenumbers.number_type(_parse(e164))
    if _BY_TYPE.get(kind) == PhoneProblem.PREMIUM_RATE:
        raise InvalidPhoneNumber(PhoneProblem.PREMIUM_RATE)
    is_national = not plus and not digits.startswith("00")
    return digits if is_national and kind in _NATIONAL_ONLY else e164


def display_number(dialled: str, region: str) -> str:
    """Return a number of the helpline as people read it: "+91 11 4000 0000", "1800 599 0019",
    "14416".

    Args:
        dialled: what ``own_number`` or ``public_number`` returned.
        region: the region in which it is dialled, such as "IN".
    """
    if dialled.startswith("+"):
        return PhoneNumber(dialled).international
    if len(dialled) <= _SHORT_CODE:
        return dialled
    return phonenumbers.format_number(_parse(dialled, region), PhoneNumberFormat.NATIONAL)


@lru_cache(maxsize=1024)
def international_number(number: str, region: str) -> str | None:
    """Return what to dial abroad for the number of a service: "+919999666555".

    None for a number that works only in its country (short, toll-free, shared-cost) or is not
    valid.

    Args:
        number: as dialled in its region.
        region: such as "IN".
    """
    try:
        parsed = _parse(number, region)
    except InvalidPhoneNumber:
        return None
    ordinary = phonenumbers.number_type(parsed) in _ORDINARY
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if ordinary else None


def is_known_emergency_number(number: str, region: str) -> bool:
    """Return whether libphonenumber lists an emergency number of a region; which number to call
    first is in ``crisis/emergency.py``.
    """
    return phonenumbers.is_emergency_number(number, region)


@cache
def calling_regions() -> tuple[str, ...]:
    """Return the codes of all regions that have phone numbers, in order."""
    return tuple(sorted(phonenumbers.SUPPORTED_REGIONS))


def _plus_and_digits(text: str) -> tuple[str, str]:
    if len(text) > MAX_CHARACTERS:
        raise InvalidPhoneNumber(PhoneProblem.TOO_LONG)
    plain = "".join(_to_ascii(character) for character in text)
    plain = _BETWEEN_DIGITS.sub("", _LABEL.sub("", plain).strip(_SURROUNDING))
    if not plain:
        raise InvalidPhoneNumber(PhoneProblem.EMPTY)
    match = _TYPED.fullmatch(plain)
    if match is None:
        raise InvalidPhoneNumber(PhoneProblem.NOT_A_NUMBER)
    return match[1], match[2]


def _without_extension(text: str) -> tuple[str, str | None]:
    """The text of the number, and that of the extension's digits."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidPhoneNumber(PhoneProblem.TOO_LONG)
    match = _EXTENSION.fullmatch("".join(_to_ascii(character) for character in text))
    if match is None:
        return text, None
    return match["number"], match["extension"].strip(_SURROUNDING_EXTENSION).replace(" ", "")


def _to_ascii(character: str) -> str:
    """Digits of any script, dashes, spaces; format characters vanish."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in _OTHER_DASHES:
        return "-"
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Zs":
            return " "
    return unicodedata.normalize("NFKC", character)


def _parse_digits(plus: str, digits: str, region: str) -> phonenumbers.PhoneNumber:
    """Not every region dials 00 to go abroad, but people write it."""
    number = _parse(plus + digits, region)
    if plus or phonenumbers.is_valid_number(number):
        return number
    if digits.startswith("00"):
        return _parse("+" + digits[2:], region)
    # A 0 before the country code: 0919876543210.
    code = str(phonenumbers.country_code_for_region(region))
    if digits.startswith("0" + code):
        with_code = _parse("+" + digits[1:], region)
        if phonenumbers.is_valid_number(with_code):
            return with_code
    return number


@cache
def mobile_number_length(region: str) -> int | None:
    """Return the length of a region's mobile numbers without the leading 0; None if lengths
    differ.
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    mobile = metadata.mobile if metadata else None
    lengths = tuple(mobile.possible_length or ()) if mobile else ()
    return lengths[0] if len(lengths) == 1 and lengths[0] > 0 else None


def _problem_of_type(number: phonenumbers.PhoneNumber) -> PhoneProblem | None:
    return _BY_TYPE.get(phonenumbers.number_type(number))


def _problem_of_length(number: phonenumbers.PhoneNumber, regions: Collection[str]) -> PhoneProblem:
    if any(phonenumbers.is_valid_short_number_for_region(number, region) for region in regions):
        return PhoneProblem.SHORT_NUMBER
    length = phonenumbers.is_possible_number_with_reason(number)
    return _BY_LENGTH.get(length, PhoneProblem.NOT_VALID)


def _parse(text: str, region: str | None = None) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException as problem:
        reason = _BY_PARSING.get(problem.error_type, PhoneProblem.NOT_VALID)
        raise InvalidPhoneNumber(reason) from None
