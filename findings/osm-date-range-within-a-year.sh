#!/bin/sh
# Topic: OpenStreetMap opening_hours
# Expected: "2026 Dec 07-Dec 09 10:00-12:00" is a range of dates, and every reader of opening_hours reads
#   it so. The specification has the form: a date may be "(year) month day", and a range is two dates.
# What happens: the JavaScript engine (opening_hours, the one OpenStreetMap's own programs use) refuses
#   the whole value, so that a map shows no hours at all. The Rust engine (opening-hours-py) reads the range.
#   Both read "2026 Dec 07-09" and "2026 Dec 07-2026 Dec 09".
# Versions: opening_hours 3.15.0 (npm), opening-hours-py 2.1.4 (PyPI). Seen on 2026-12-01.
# Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification (monthday_range, date_from).
# Why it matters here: a helpline that exports one exception in this form disappears as open or closed
#   from maps, with no error on its own side. So we write the two forms that both read, and point out the
#   other when it is imported.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check opening-hours-py==2.1.4
npm install --silent --no-fund --no-audit opening_hours@3.15.0 > /dev/null

cat > read.mjs << 'JS'
import opening_hours from "opening_hours";
for (const value of process.argv.slice(2)) {
  try {
    console.log(new opening_hours(value).getState(new Date(2026, 11, 8, 11)) ? "open" : "closed");
  } catch {
    console.log("refused");
  }
}
JS
cat > read.py << 'PY'
import sys
from datetime import datetime

from opening_hours import OpeningHours, ParserError

for value in sys.argv[1:]:
    try:
        print(OpeningHours(value).state(datetime(2026, 12, 8, 11))[0])
    except ParserError:
        print("refused")
PY

set -- "2026 Dec 07-09 10:00-12:00" "2026 Dec 07-2026 Dec 09 10:00-12:00" "2026 Dec 07-Dec 09 10:00-12:00"
javascript=$(node read.mjs "$@" | tr '\n' ' ')
python=$(python/bin/python read.py "$@" | tr '\n' ' ')
echo "node $(node --version), $(python/bin/python --version)"
printf '%s\n' "$@"
echo "opening_hours 3.15.0 (npm):     $javascript"
echo "opening-hours-py 2.1.4 (PyPI):  $python"
test "$javascript" = "open open refused " && test "$python" = "open open open "
