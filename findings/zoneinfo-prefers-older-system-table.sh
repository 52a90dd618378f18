#!/bin/sh
# Topic: Python zoneinfo, tzdata
# Expected: with the newest tzdata package installed, zoneinfo.ZoneInfo knows the newest rules.
# What happens: zoneinfo reads the system's table first, however old it is, and the package only for zones
#   that the system does not have. Nothing warns. With a system table of 2025b beside tzdata 2026.6 (2026f),
#   the zones printed below have another offset at some hour of the next 13 months.
# Versions: Python's zoneinfo with PyPI tzdata 2025.2 (= 2025b), standing in for the system's table by
#   PYTHONTZPATH, and PyPI tzdata 2026.6. Seen on 2026-12-01.
# Source: https://docs.python.org/3/library/zoneinfo.html#data-sources
# Why it matters here: upgrading the package looks like the cure for a government's change of clocks and
#   changes nothing; people are called an hour outside the opening hours. So we compare both tables, use the
#   newer one, and say at preflight where they differ.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
pip="python/bin/python -m pip --quiet --disable-pip-version-check"
$pip install --target system tzdata==2025.2
$pip install tzdata==2026.6

cat > compare.py << 'PY'
import importlib.resources
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo, available_timezones

begins = datetime(2026, 12, 1, tzinfo=UTC)
hours = [begins + timedelta(hours=number) for number in range(24 * 395)]


def packaged(name):
    *folders, file = name.split("/")
    place = importlib.resources.files(".".join(["tzdata", "zoneinfo", *folders])) / file
    with place.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=name)


differ = []
for name in sorted(available_timezones()):
    used, newer = ZoneInfo(name), packaged(name)
    if any(at.astimezone(used).utcoffset() != at.astimezone(newer).utcoffset() for at in hours):
        differ.append(name)
print(f"Python {sys.version.split()[0]}, tzdata package {version('tzdata')}, system table 2025b")
print(f"{len(differ)} zones differ:", ", ".join(differ))
sys.exit(0 if "America/Vancouver" in differ else 1)
PY
PYTHONTZPATH="$folder/system/tzdata/zoneinfo" python/bin/python compare.py
