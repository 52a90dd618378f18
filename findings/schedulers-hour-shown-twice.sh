#!/bin/sh
# Topic: schedulers, clock changes
# Expected: a job at "30 1 * * *" runs once on every date, also when clocks are set back at 02:00 or forward at
#   01:00, and three schedulers agree when.
# What happens: on the night of the extra hour APScheduler and croniter run it twice, an hour apart; cronsim once.
#   On the night of the missing hour croniter and cronsim run it at 02:00; APScheduler at "01:30+00:00", a
#   time that no clock shows (02:30 on the clock, half an hour later than the others).
# Versions: APScheduler 3.11.3, croniter 7.0.0, cronsim 2.8, tzdata 2026.6 (PyPI), Europe/London.
#   Seen on 2026-12-01.
# Source: https://apscheduler.readthedocs.io/en/3.x/modules/triggers/cron.html (daylight saving time behaviour),
#   https://github.com/cuu508/cronsim; https://pypi.org/project/crondst (Vixie cron does not repeat a job).
# Why it matters here: a text message "we open at ten" sent by such a job goes out twice. Here no job runs by
#   the clock on the wall: what is due is found by an instant in UTC, and an act is claimed in the
#   database before it is done (helpline/domain/clock_changes.py; tests/hours/test_hour_shown_twice.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check \
  APScheduler==3.11.3 croniter==7.0.0 cronsim==2.8 tzdata==2026.6

cat > next.py << 'PY'
import sys
from datetime import date, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

LONDON = ZoneInfo("Europe/London")
CRON = "30 1 * * *"


def with_apscheduler(start):
    trigger, last = CronTrigger.from_crontab(CRON, timezone=LONDON), None
    for _ in range(3):
        last = trigger.get_next_fire_time(last, last or start)
        yield last


def with_croniter(start):
    found = croniter(CRON, start)
    return (found.get_next(datetime) for _ in range(3))


def with_cronsim(start):
    found = CronSim(CRON, start)
    return (next(found) for _ in range(3))


def runs(how, day):
    start = datetime(day.year, day.month, day.day - 1, 12, tzinfo=LONDON)
    return [f"{at:%H:%M%z}" for at in how(start) if at.date() == day]


twice, missing = date(2027, 10, 31), date(2027, 3, 28)
seen = {}
for name, how in (("APScheduler", with_apscheduler), ("croniter", with_croniter), ("cronsim", with_cronsim)):
    seen[name] = (runs(how, twice), runs(how, missing))
    print(f"{name} {version(name)}: {twice} {seen[name][0]}, {missing} {seen[name][1]}")
print(f"Python {sys.version.split()[0]}")
both = ["01:30+0100", "01:30+0000"]
sys.exit(
    0
    if seen
    == {
        "APScheduler": (both, ["01:30+0000"]),
        "croniter": (both, ["02:00+0100"]),
        "cronsim": (["01:30+0100"], ["02:00+0100"]),
    }
    else 1
)
PY
python/bin/python next.py
