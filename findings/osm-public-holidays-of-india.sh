#!/bin/sh
# Topic: OpenStreetMap opening_hours, public holidays, India
# Expected: "Mo-Su 09:00-17:00; PH off" works wherever OpenStreetMap maps, since PH is part of the format and
#   readers take the country from the place on the map.
# What happens: neither engine has public holidays for India. The JavaScript engine refuses the whole
#   value there, so that it tells nothing of an ordinary Tuesday either; the Rust engine refuses the
#   country. Told no country, the one refuses PH and the other ignores it and is open on 26 January.
# Versions: opening_hours 3.15.0 (npm), opening-hours-py 2.1.4 (PyPI). Seen on 2026-12-01.
# Source: https://github.com/opening-hours/opening_hours.js/tree/main/src/holidays (no in.yaml);
#   https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification (holiday).
# Why it matters here: "PH off" in an Indian helpline's hours leaves maps without any hours, or open on Republic
#   Day. So the export writes each closed holiday as a date, and PH off is read when imported only
#   (helpline/domain/osm_hours.py; tests/opening_hours/test_osm_engines.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check opening-hours-py==2.1.4
npm install --silent --no-fund --no-audit opening_hours@3.15.0 > /dev/null

cat > read.mjs << 'JS'
import opening_hours from "opening_hours";
console.error = () => {};
const state = (place, ...date) => {
  try {
    return new opening_hours("Mo-Su 09:00-17:00; PH off", place).getState(new Date(...date)) ? "open" : "closed";
  } catch {
    return "refused";
  }
};
const places = [
  { address: { country_code: "gb", state: "England" } },
  { address: { country_code: "in", state: "Maharashtra" } },
  undefined,
];
for (const place of places) {
  console.log(state(place, 2026, 11, 1, 11), state(place, 2026, 11, 25, 11), state(place, 2027, 0, 26, 11));
}
JS
cat > read.py << 'PY'
from datetime import datetime

from opening_hours import OpeningHours, UnknownCountryError

for country in ("GB", "IN", None):
    seen = []
    for at in (datetime(2026, 12, 1, 11), datetime(2026, 12, 25, 11), datetime(2027, 1, 26, 11)):
        try:
            hours = OpeningHours("Mo-Su 09:00-17:00; PH off", country=country)
            seen.append(str(hours.state(at)[0]))
        except UnknownCountryError:
            seen.append("refused")
    print(*seen)
PY
javascript=$(node read.mjs 2> /dev/null | tr '\n' '/')
python=$(python/bin/python read.py | tr '\n' '/')
echo "node $(node --version), $(python/bin/python --version)"
echo "Tuesday, 25 December, 26 January / in Britain, in India, no country"
echo "opening_hours 3.15.0 (npm):     $javascript"
echo "opening-hours-py 2.1.4 (PyPI):  $python"
test "$javascript" = "open closed open/refused refused refused/refused refused refused/"
test "$python" = "open closed open/refused refused refused/open open open/"
