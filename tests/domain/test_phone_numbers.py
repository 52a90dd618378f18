"""Phone numbers as people type them; none of them belongs to anybody we know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidPhoneNumber, PhoneProblem
from helpline.domain.phone_numbers import (
    PhoneNumber,
    calling_regions,
    international_number,
    is_known_emergency_number,
    mobile_number_length,
    parse,
    parse_presented,
    parse_with_extension,
)

ALLOWED = ("IN", "GB", "US")


@pytest.mark.parametrize(
    "typed",
    [
        "9876543210",
        "98765 43210",
        "98765-43210",
        "98765.43210",
        "(98765) 43210",
        "09876543210",
        "+919876543210",
        "+91 98765 43210",
        "+91 (0) 98765 43210",
        "0091 98765 43210",
        "91 98765 43210",
        "९८७६५ ४३२१०",
        "+९१ ९८७६५ ४३२१०",
        "\uff0b91\u00a098765\u201343210",
        "\u202a+919876543210\u202c",
        "\t9876543210\n",
    ],
)
def test_one_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert parse(typed, "IN", ALLOWED).e164 == "+919876543210"


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", "IN", "+442079460018"),
        ("00 44 20 7946 0018", "US", "+442079460018"),
        ("(212) 736-5000", "US", "+12127365000"),
        ("011 91 98765 43210", "US", "+919876543210"),
        ("011 2233 4455", "IN", "+911122334455"),
    ],
)
def test_a_number_belongs_to_the_region_it_was_typed_in_or_names(
    typed: str, region: str, e164: str
) -> None:
    assert parse(typed, region, ALLOWED).e164 == e164


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("", "IN", PhoneProblem.EMPTY),
        (" - ", "IN", PhoneProblem.EMPTY),
        ("call me", "IN", PhoneProblem.NOT_A_NUMBER),
        ("98765 43210 ext. 5", "IN", PhoneProblem.NOT_A_NUMBER),
        ("1-800-FLOWERS", "US", PhoneProblem.NOT_A_NUMBER),
        ("+", "IN", PhoneProblem.NOT_A_NUMBER),
        ("98765+43210", "IN", PhoneProblem.NOT_A_NUMBER),
        ("*#06#", "IN", PhoneProblem.NOT_A_NUMBER),
        ("9", "IN", PhoneProblem.TOO_SHORT),
        ("00", "IN", PhoneProblem.TOO_SHORT),
        ("98765", "IN", PhoneProblem.TOO_SHORT),
        ("987654321012345", "IN", PhoneProblem.TOO_LONG),
        ("9" * 30, "IN", PhoneProblem.TOO_LONG),
        ("9" * 5000, "IN", PhoneProblem.TOO_LONG),
        ("+33 1 70 18 99 00", "IN", PhoneProblem.REGION_NOT_ALLOWED),
        ("+33 1 70", "IN", PhoneProblem.REGION_NOT_ALLOWED),
        ("07797 712345", "GB", PhoneProblem.REGION_NOT_ALLOWED),
        ("+1 604 555 1234", "US", PhoneProblem.REGION_NOT_ALLOWED),
        ("+800 1234 5678", "IN", PhoneProblem.REGION_NOT_ALLOWED),
        ("+1 900 555 0123", "IN", PhoneProblem.PREMIUM_RATE),
        ("09098790123", "GB", PhoneProblem.PREMIUM_RATE),
        ("070 1234 5678", "GB", PhoneProblem.PREMIUM_RATE),
        ("1860 123 4567", "IN", PhoneProblem.SHARED_COST),
        ("1800 123 4567", "IN", PhoneProblem.CANNOT_BE_CALLED),
        ("0800 123 4567", "GB", PhoneProblem.CANNOT_BE_CALLED),
        ("0300 123 4567", "GB", PhoneProblem.CANNOT_BE_CALLED),
        ("076 4012 3456", "GB", PhoneProblem.CANNOT_BE_CALLED),
        ("+1 800 662 4357", "US", PhoneProblem.CANNOT_BE_CALLED),
        ("112", "IN", PhoneProblem.EMERGENCY),
        ("1-0-0", "IN", PhoneProblem.EMERGENCY),
        ("११२", "IN", PhoneProblem.EMERGENCY),
        ("+91 100", "IN", PhoneProblem.EMERGENCY),
        ("999", "GB", PhoneProblem.EMERGENCY),
        ("911", "US", PhoneProblem.EMERGENCY),
        ("000", "AU", PhoneProblem.EMERGENCY),
        ("988", "US", PhoneProblem.SHORT_NUMBER),
        ("111", "GB", PhoneProblem.SHORT_NUMBER),
        ("116 123", "GB", PhoneProblem.SHORT_NUMBER),
        ("155260", "IN", PhoneProblem.SHORT_NUMBER),
        ("12345 00000", "US", PhoneProblem.NOT_VALID),
        ("+999 123456", "IN", PhoneProblem.NOT_VALID),
    ],
)
def test_a_number_we_may_not_ring_is_refused_with_the_reason(
    typed: str, region: str, reason: PhoneProblem
) -> None:
    with pytest.raises(InvalidPhoneNumber) as refused:
        parse(typed, region, ALLOWED)
    assert refused.value.reason is reason


def test_a_refusal_never_carries_the_number() -> None:
    with pytest.raises(InvalidPhoneNumber) as refused:
        parse("+33 1 70 18 99 00", "IN", ALLOWED)
    error: BaseException | None = refused.value
    assert "1899" not in f"{error!r} {error}"
    assert refused.value.__cause__ is None


@settings(deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        number = parse(typed, "IN", ALLOWED)
    except InvalidPhoneNumber:
        return
    assert number.region in ALLOWED


@settings(deadline=None)
@given(st.text(alphabet="0123456789+ ", max_size=20), st.sampled_from(["IN", "GB", "US", "AU"]))
def test_whatever_was_read_is_read_the_same_again(typed: str, region: str) -> None:
    try:
        number = parse(typed, region, ALLOWED)
    except InvalidPhoneNumber:
        return
    for written in (number.e164, number.international):
        assert parse(written, region, ALLOWED) == number
    assert parse(number.national, number.region, ALLOWED) == number


def test_a_number_shows_its_last_three_digits_and_no_more() -> None:
    number = PhoneNumber("+919876543210")
    assert number.masked == "+91 ••••• ••210"
    assert PhoneNumber("+2474012").masked == "+247 •012"
    assert PhoneNumber("+12127365000").masked == "+1 •••-•••-•000"
    for shown in (str(number), repr(number), f"{number}", format(number), f"{[number]}"):
        assert "210" in shown
        assert "43210" not in shown
        assert "98765" not in shown


def test_a_number_is_written_out_only_on_purpose() -> None:
    number = PhoneNumber("+919876543210")
    assert number.e164 == "+919876543210"
    assert number.national == "098765 43210"
    assert number.international == "+91 98765 43210"
    assert number.region == "IN"
    assert number == PhoneNumber("+919876543210")
    assert len({number, PhoneNumber("+919876543210")}) == 1


@pytest.mark.parametrize("text", ["9876543210", "", "+0123456", "+91 98765 43210", "+999123456"])
def test_a_number_has_the_one_form(text: str) -> None:
    with pytest.raises(InvalidPhoneNumber):
        PhoneNumber(text)


def test_the_metadata_recognises_emergency_numbers_and_no_more() -> None:
    assert is_known_emergency_number("112", "IN")
    assert not is_known_emergency_number("14416", "IN")
    assert not is_known_emergency_number("112", "GN")
    assert not is_known_emergency_number("112", "XX")


@pytest.mark.parametrize(
    ("number", "region", "wanted"),
    [
        ("9999666555", "IN", "+919999666555"),
        ("0223272327", "IT", "+390223272327"),
        ("28960000", "HK", "+85228960000"),
        ("14416", "IN", None),
        ("116123", "GB", None),
        ("08008020", "GB", None),
        ("1800341900", "IE", None),
        ("+18006624357", "US", None),
        ("131114", "AU", None),
    ],
)
def test_what_to_dial_abroad_is_known_for_ordinary_numbers_only(
    number: str, region: str, wanted: str | None
) -> None:
    assert international_number(number, region) == wanted


def test_every_region_with_phone_numbers_can_be_named() -> None:
    regions = calling_regions()
    assert {"IN", "US", "GB", "NP"} <= set(regions)
    assert list(regions) == sorted(set(regions))
    assert all(len(region) == 2 for region in regions)


def test_an_ordinary_number_that_begins_like_a_one_way_series_is_fine() -> None:
    assert parse("01602 212345", "IN", ALLOWED).e164 == "+911602212345"


def test_the_helplines_own_number_is_refused_however_it_is_typed() -> None:
    for typed in ("080 4567 8901", "+91 80 4567 8901", "0091 8045678901"):
        with pytest.raises(InvalidPhoneNumber) as refused:
            parse(typed, "IN", ALLOWED, own_numbers={"+918045678901"})
        assert refused.value.reason is PhoneProblem.OWN_NUMBER


def test_a_number_that_is_not_to_be_called_may_be_of_any_kind() -> None:
    assert parse("1800 123 4567", "IN", ALLOWED, is_to_be_called=False).e164 == "+9118001234567"


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("+919876543210", "+919876543210"),
        ("919876543210", "+919876543210"),
        ("09876543210", "+919876543210"),
        ("9876543210", "+919876543210"),
        ("00919876543210", "+919876543210"),
        (" 919876543210", "+919876543210"),
        ("01140000000", "+911140000000"),
        ("9779812345678", None),
        ("+9779812345678", "+9779812345678"),
        ("anonymous", None),
        ("", None),
        ("+", None),
        ("14416", None),
        ("sip:a@b.example", None),
        ("९८७६५४३२१०", None),
        ("98765 43210", None),
        ("9" * 5000, None),
    ],
)
def test_a_number_is_read_as_networks_show_it(shown: str, read: str | None) -> None:
    assert parse_presented(shown, "IN") == read


@pytest.mark.parametrize(
    "typed",
    [
        *("0919876543210", "091 98765 43210", "tel:+919876543210", "Mob: 98765 43210"),
        *("98765\u221243210", "98765 43210;", "Mobile no.: 098765-43210,", "मोबाइल: 98765 43210"),
    ],
)
def test_a_number_is_read_with_what_people_write_around_it(typed: str) -> None:
    assert parse(typed, "IN", ["IN"]).e164 == "+919876543210"


def test_islands_are_called_where_the_operator_names_them() -> None:
    number = parse("07797 712345", "GB", ["GB", "JE"])
    assert (number.e164, number.region) == ("+447797712345", "JE")


def test_the_length_of_a_mobile_number_is_known_where_there_is_one() -> None:
    assert mobile_number_length("IN") == 10
    assert mobile_number_length("ZZ") is None


@pytest.mark.parametrize(
    ("typed", "extension"),
    [
        ("022 2345 6789", None),
        ("022 2345 6789 ext 12", "12"),
        ("022 2345 6789 ext. 12", "12"),
        ("022-2345-6789, Extn. 12", "12"),
        ("02223456789x12", "12"),
        ("022 2345 6789 X 007", "007"),
        ("022 2345 6789 (extension no. 12345678)", "12345678"),
        ("tel:+91-22-2345-6789;ext=12", "12"),
        ("022 2345 6789 #12", "12"),
        ("022 2345 6789 intercom: 1 2;", "12"),
        ("022 2345 6789 एक्सटेंशन 12", "12"),
        ("०२२ २३४५ ६७८९ एक्स. १२", "12"),
        ("022 2345 6789 एक्सटेंशन नंबर १२", "12"),
    ],
)
def test_an_extension_is_read_beside_the_number(typed: str, extension: str | None) -> None:
    number, found = parse_with_extension(typed, "IN", ALLOWED)
    assert (number.e164, found) == ("+912223456789", extension)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("022 2345 6789 ext", PhoneProblem.EXTENSION),
        ("022 2345 6789 ext 123456789", PhoneProblem.EXTENSION),
        ("022 2345 6789 ext 1w2", PhoneProblem.EXTENSION),
        ("022 2345 6789 ext 12 or 13", PhoneProblem.EXTENSION),
        ("98765 ext 12", PhoneProblem.TOO_SHORT),
        ("98765 ext", PhoneProblem.TOO_SHORT),
        ("112 ext 12", PhoneProblem.EMERGENCY),
        ("98765xxxxx", PhoneProblem.NOT_A_NUMBER),
        ("*#06#", PhoneProblem.NOT_A_NUMBER),
        ("call me on ext 12", PhoneProblem.NOT_A_NUMBER),
        ("022 2345 6789 ext 12" + " " * 60, PhoneProblem.TOO_LONG),
    ],
)
def test_what_is_wrong_with_a_number_is_said_before_its_extension(
    typed: str, reason: PhoneProblem
) -> None:
    with pytest.raises(InvalidPhoneNumber) as error:
        parse_with_extension(typed, "IN", ALLOWED)
    assert error.value.reason == reason
