#!/bin/sh
# Topic: phone numbers, libphonenumber, India
# Expected: the two series that India reserves for organisations that call, 140 for promotion and 1600 for
#   service calls of the government and of regulators, are told from numbers of people.
# What happens: libphonenumber reads 140 as UAN (a company's number), and a ten-digit 1600 number as a valid
#   MOBILE number, as it reads a person's.
# Versions: phonenumbers 9.0.43 (PyPI). Seen on 2026-12-01.
# Source: https://github.com/google/libphonenumber/blob/master/resources/PhoneNumberMetadata.xml (territory IN);
#   series 160: https://www.hindustantimes.com/india-news/govt-entities-banks-to-call-message-from-new-160-series-dot-101717138005979.html
# Why it matters here: a number pasted from the list of missed calls would be accepted as the visitor's, and the
#   attempts to reach them would go to an office. Both series are refused by name
#   (helpline/domain/phone_numbers.py, _ONE_WAY_SERIES; tests/domain/test_phone_numbers.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check phonenumbers==9.0.43

cat > kind.py << 'PY'
import sys
from importlib.metadata import version

import phonenumbers as library

seen = []
for text in ("1401234567", "1600123456", "8123456789"):
    number = library.parse(text, "IN")
    kind = library.PhoneNumberType.to_string(library.number_type(number))
    seen.append((library.is_valid_number(number), kind))
    print(f"{text}: valid {seen[-1][0]}, {kind}")
print(f"Python {sys.version.split()[0]}, phonenumbers {version('phonenumbers')}")
sys.exit(0 if seen == [(True, "UAN"), (True, "MOBILE"), (True, "MOBILE")] else 1)
PY
python/bin/python kind.py
