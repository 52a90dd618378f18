#!/bin/sh
# Topic: length of text messages
# Expected: counters of SMS segments agree on the same text.
# What happens: a character of two septets ("€") or of two UTF-16 units (an emoji) that meets the end of a segment
#   moves to the next as a whole. The two packages that also cut the text move it; the two that only count
#   divide the sum of the units, and come to one segment fewer.
# Versions: smsutil 1.1.3 (PyPI), split-sms 0.1.7, sms-counter 1.0.0, sms-length 0.2.2 (npm). Seen on 2026-12-01.
# Source: 3GPP TS 23.038, section 6.2.1 (a character of the extension table takes two septets);
#   https://github.com/inkOfPixel/sms-length, https://github.com/codesleuth/split-sms.
# Why it matters here: three segments are billed where two were planned, and a budget by segment runs out
#   early. The product counts by character (helpline/domain/sms_length.py; tests/domain/test_text_override_rules.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check smsutil==1.1.3
npm install --silent --no-fund --no-audit split-sms@0.1.7 sms-counter@1.0.0 sms-length@0.2.2 > /dev/null

cat > count.mjs << 'JS'
import counter from "sms-counter";
import * as length from "sms-length";
import split from "split-sms";
const count = length.count ?? length.default.count;
for (const one of [(text) => split.split(text).parts.length, (text) => counter.count(text).messages,
  (text) => count(text).messages]) console.log(process.argv.slice(2).map(one).join(" "));
JS
cat > count.py << 'PY'
import sys

import smsutil

print(*(len(smsutil.split(text).parts) for text in sys.argv[1:]))
PY
fill() { printf "%${1}s" "" | tr " " a; }
# 306 septets, two segments of 153; 134 units, two segments of 67; each with a pair over the boundary.
set -- "$(fill 152)€$(fill 152)" "$(fill 66)😀$(fill 66)"
python=$(python/bin/python -X utf8 count.py "$@")
javascript=$(node count.mjs "$@")
echo "node $(node --version), $(python/bin/python --version); segments of a text with €, of one with an emoji"
echo "smsutil 1.1.3: $python"
echo "split-sms 0.1.7, sms-counter 1.0.0, sms-length 0.2.2:"
echo "$javascript"
test "$python" = "3 3"
test "$javascript" = "3 3
2 2
2 2"
