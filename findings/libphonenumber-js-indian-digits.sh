#!/bin/sh
# Topic: phone numbers, libphonenumber
# Expected: the ports of libphonenumber read the same digits, so that a check in the browser accepts what
#   the server accepts.
# What happens: Python's port reads the decimal digits of every script. Both common JavaScript ports read
#   ASCII, full-width and the two Arabic sets only, and refuse a number in the digits of Hindi, Bengali,
#   Punjabi, Gujarati, Tamil, Telugu, Kannada and Malayalam as no phone number at all.
# Versions: phonenumbers 9.0.43 (PyPI), google-libphonenumber 3.2.47, libphonenumber-js 1.13.16 (npm).
#   Seen on 2026-12-01.
# Source: https://github.com/google/libphonenumber/blob/master/javascript/i18n/phonenumbers/phonenumberutil.js
#   (DIGIT_MAPPINGS).
# Why it matters here: with a check in the browser, somebody with a Hindi keyboard could not ask for a call.
#   The visitor's form is checked on the server alone, which reads the digits of every script
#   (helpline/domain/phone_numbers.py; tests/domain/test_phone_numbers.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check phonenumbers==9.0.43
npm install --silent --no-fund --no-audit google-libphonenumber@3.2.47 libphonenumber-js@1.13.16 > /dev/null

cat > read.mjs << 'JS'
import google from "google-libphonenumber";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
const util = google.PhoneNumberUtil.getInstance();
const read = (how) => { try { return how(); } catch { return "refused"; } };
for (const port of [
  (text) => util.format(util.parse(text, "IN"), google.PhoneNumberFormat.E164),
  (text) => parsePhoneNumberFromString(text, "IN")?.number ?? "refused",
]) console.log(process.argv.slice(2).map((text) => read(() => port(text))).join(" "));
JS
cat > read.py << 'PY'
import sys

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse


def read(text):
    try:
        return format_number(parse(text, "IN"), PhoneNumberFormat.E164)
    except NumberParseException:
        return "refused"


print(*map(read, sys.argv[1:]))
PY

# The example number of the library's own metadata: ASCII, Urdu, then eight scripts of India.
set -- 8123456789 ۸۱۲۳۴۵۶۷۸۹ ८१२३४५६७८९ ৮১২৩৪৫৬৭৮৯ ੮੧੨੩੪੫੬੭੮੯ ૮૧૨૩૪૫૬૭૮૯ ௮௧௨௩௪௫௬௭௮௯ ౮౧౨౩౪౫౬౭౮౯ ೮೧೨೩೪೫೬೭೮೯ ൮൧൨൩൪൫൬൭൮൯
python=$(python/bin/python -X utf8 read.py "$@")
javascript=$(node read.mjs "$@")
echo "node $(node --version), $(python/bin/python --version)"
echo "$*"
echo "phonenumbers 9.0.43:"
echo "$python"
echo "google-libphonenumber 3.2.47, libphonenumber-js 1.13.16:"
echo "$javascript"
one=+918123456789
few="$one $one refused refused refused refused refused refused refused refused"
test "$python" = "$one $one $one $one $one $one $one $one $one $one"
test "$javascript" = "$few
$few"
