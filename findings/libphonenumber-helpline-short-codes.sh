#!/bin/sh
# Topic: phone numbers, libphonenumber, India and Brazil
# Expected: the short numbers of national helplines are known to libphonenumber, as the police's are: India's
#   14416 (Tele MANAS, mental health), 14567 (older people) and 1930 (cyber crime), Brazil's 188 (CVV,
#   prevention of suicide).
# What happens: it knows 1098, 181 and 1091 of India as valid and free of charge. The four are "not valid" and
#   of unknown cost; read as ordinary numbers they are not valid either.
# Versions: phonenumbers 9.0.43 (PyPI). Seen on 2026-12-01.
# Source: https://github.com/daviddrysdale/python-phonenumbers/tree/dev/python/phonenumbers/shortdata
#   (region_IN, region_BR); numbers: https://telemanas.mohfw.gov.in, https://cvv.org.br.
# Why it matters here: a service that lets only numbers pass which the library calls valid removes the national
#   mental health line from its crisis page. Here a reviewed list decides, and a short code needs no
#   metadata (helpline/domain/phone_numbers.py, service_number; tests/domain/test_phone_numbers.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check phonenumbers==9.0.43

cat > short.py << 'PY'
import sys
from importlib.metadata import version

import phonenumbers as library

free = library.ShortNumberCost.TOLL_FREE
known, unknown = [], []
for region, code in [
    *(("IN", code) for code in ("112", "1098", "181", "1091", "14416", "14567", "1930")),
    ("BR", "190"),
    ("BR", "188"),
]:
    number = library.parse(code, region)
    valid = library.is_valid_short_number_for_region(number, region)
    is_free = library.expected_cost_for_region(number, region) == free
    as_ordinary = library.is_valid_number(number)
    print(f"{region} {code}: valid {valid}, known as free {is_free}, valid ordinary number {as_ordinary}")
    (known if valid and is_free else unknown).append(code)
    if as_ordinary or valid != is_free:
        sys.exit(1)
print(f"Python {sys.version.split()[0]}, phonenumbers {version('phonenumbers')}")
sys.exit(0 if unknown == ["14416", "14567", "1930", "188"] else 1)
PY
python/bin/python short.py
