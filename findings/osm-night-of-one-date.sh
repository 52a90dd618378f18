#!/bin/sh
# Topic: OpenStreetMap opening_hours
# Expected: "Mo-Su 10:00-12:00; 2026 Dec 07 22:00-26:00" opens one night from 22:00 to 02:00, as the extended
#   hours of the specification say, whatever the next day's own hours are.
# What happens: at 01:00 on 8 December the JavaScript engine is open; the Rust engine is closed, since the rule
#   of the next day takes over at midnight. A weekday's night ("Mo 22:00-26:00" in the place of the date)
#   does the same. Both are open at 01:00 when the night is written as two dates.
# Versions: opening_hours 3.15.0 (npm), opening-hours-py 2.1.4 (PyPI). Seen on 2026-12-01.
# Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification (extended_hour, and the rule that a
#   later rule replaces an earlier one for the days it matches).
# Why it matters here: a helpline that keeps open one night longer is shown as closed at 01:00 by programs with
#   the one engine, and as open by those with the other. So the export writes hours over midnight as two
#   dates (helpline/domain/osm_hours.py, to_osm; tests/opening_hours/test_osm_engines.py). The import
#   reads the one-date form as open until 02:00 and shows the hours before they are saved.
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
  console.log(new opening_hours(value).getState(new Date(2026, 11, 8, 1)) ? "open" : "closed");
}
JS
cat > read.py << 'PY'
import sys
from datetime import datetime

from opening_hours import OpeningHours

for value in sys.argv[1:]:
    print(OpeningHours(value).state(datetime(2026, 12, 8, 1))[0])
PY
set -- "Mo-Su 10:00-12:00; 2026 Dec 07 22:00-26:00" "Mo-Su 10:00-12:00; Mo 22:00-26:00" \
  "Mo-Su 10:00-12:00; 2026 Dec 07 22:00-24:00; 2026 Dec 08 00:00-02:00,10:00-12:00"
javascript=$(node read.mjs "$@" | tr '\n' ' ')
python=$(python/bin/python read.py "$@" | tr '\n' ' ')
echo "node $(node --version), $(python/bin/python --version); 8 December, 01:00"
printf '%s\n' "$@"
echo "opening_hours 3.15.0 (npm):     $javascript"
echo "opening-hours-py 2.1.4 (PyPI):  $python"
test "$javascript" = "open open open " && test "$python" = "closed closed open "
