"""A day of 20 calls on a laptop of 1366 x 768, with the keyboard alone and without one scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.directory.referrals import service as care
from helpline.domain.intake_answers import Answers, Danger
from helpline.domain.retries import Disposition
from helpline.domain.safe_times import IfMissed
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.calls.conftest import Door
from tests.calls.fixtures import ADVISOR, PRESSES_ONE, STAYS, Line
from tests.cast import ASHA, MEERA, RAVI, VIKRAM, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

OUTCOME_KEYS = dict(
    zip(Disposition, [*"1234567890", *(f"Shift+Digit{digit}" for digit in "1234")], strict=True)
)
SIZE = "[scrollX, scrollY, document.documentElement.scrollHeight]"


def phone_of(number: int) -> str:
    return f"+9198765{number:05}"


class Day:
    """Asha's desk, at which only keys are pressed, and nothing may have to be scrolled to."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = new_context(browser, 1366, 768).new_page()
        self.page.set_default_timeout(10_000)
        self.screen = Screen(self.page, url, expected=("status of 422",))
        self.screen.watch()

    def press(self, *keys: str, shows: str) -> None:
        """Press keys one after the other; what the last one leads to is on the screen."""
        for key in keys:
            self.page.keyboard.press(key)
        self.see(shows)

    def see(self, selector: str) -> None:
        shown = self.page.locator(selector).first
        shown.wait_for()
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 768, f"{selector} is below the window"
        assert self.page.evaluate(SIZE) == [0, 0, 768], selector

    def tab_to(self, selector: str) -> None:
        """Press Tab until a field has the focus."""
        for _ in range(40):
            if self.page.evaluate("one => document.activeElement?.matches(one)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {selector}")

    def accessible(self, what: str) -> None:
        self.screen.accessible(what)
        picture(self.page, f"day-{what}")

    def write(self, notes: str) -> None:
        self.press("t", shows=".notes textarea:focus")
        self.page.keyboard.type(notes)
        self.press("Escape", shows="#save-next")

    def claim_and_dial(self) -> None:
        """Two keys."""
        self.press("n", shows="#own-phone")
        self.press("w", shows="#save-next")

    def end(self, disposition: Disposition) -> None:
        """Two keys from the end of a call to the next callback."""
        name = disposition.replace("_", "-")
        self.press(OUTCOME_KEYS[disposition], shows=f"#disposition-{name}:checked + span")
        self.press("Control+Enter", shows="#own-phone")


@pytest.fixture
def day(line: Line, door: Door, chromium: Browser) -> Iterator[Day]:
    """Twenty requests wait, and a colleague and a supervisor are there."""
    for member in (RAVI, VIKRAM):
        factories.staff(member)
    care.seed_directory(admin_id=factories.staff(MEERA).id, now=clock.now())
    wishes: dict[int, dict[str, Any]] = {
        3: {"answers": Answers(danger=Danger.YES), "may_text": True},
        4: {"note": "Please not before the children are at school. " * 6},
        5: {"if_missed": IfMissed.NEVER, "may_leave_voicemail": True},
        14: {"may_ring_back": True},
    }
    for number in range(20):
        factories.link(Visitor(f"Visitor {number}", phone_of(number)), **wishes.get(number, {}))
    made = Day(chromium, door.url)
    made.screen.go("/login")
    made.tab_to("[name=email]")
    made.page.keyboard.type(ASHA.email)
    made.tab_to("[name=password]")
    made.page.keyboard.type(ASHA.password)
    made.page.keyboard.press("Enter")
    made.page.locator("#take-next").wait_for()
    yield made
    made.page.context.close()


def test_a_day_of_20_calls_by_keyboard_without_one_scroll(day: Day, line: Line) -> None:
    day.see("#take-next")
    day.accessible("waiting")
    # 1: danger goes first; what was done in an emergency is written down.
    day.claim_and_dial()
    day.press("e", shows="#emergency .checklist li")
    day.press("Control+Enter", shows="#error-summary")
    day.accessible("a refused outcome")
    day.write("Ambulance called at 11:02, a neighbour is with her.")
    day.end(Disposition.EMERGENCY)
    # 2 to 9: as most calls end.
    for disposition in (
        Disposition.REACHED,
        Disposition.NO_ANSWER,
        Disposition.BUSY,
        Disposition.VOICEMAIL,
        Disposition.WRONG_NUMBER,
        Disposition.DECLINED,
        Disposition.SOMEONE_ELSE,
        Disposition.DUPLICATE,
    ):
        day.press("w", shows="#save-next")
        day.write("Sleeps badly.")
        day.end(disposition)
    # 10: a follow-up is agreed on.
    day.press("w", shows="#save-next")
    day.press("f", shows="#follow-up-agreed")
    day.tab_to("#follow-up-at")
    day.press("ArrowDown", shows="#follow-up-at:focus")
    day.tab_to("#follow-up-agreed")
    day.press("Space", shows="#follow-up-agreed:checked")
    day.end(Disposition.REACHED)
    day.see(".message")
    # 11: a referral.
    day.press("w", shows="#save-next")
    day.press("p", "/", shows="[id^=name-]")
    day.accessible("places")
    day.tab_to("[id^=name-]")
    day.press("Enter", shows="[id^=take-back-]")
    day.accessible("a referral")
    day.end(Disposition.REFERRED)
    # 12: a transfer to Ravi.
    day.press("w", shows="#save-next")
    day.press("h", shows="#hand-over")
    day.tab_to("[name=hand_to]")
    day.press("ArrowDown", shows="[name=hand_to]")
    day.tab_to("[name=hand_note]")
    day.page.keyboard.type("Would rather speak English.")
    day.press("Escape", shows="[name=hand_note]")
    day.press("j", shows="#take-next")
    # A break.
    day.press("b", shows="#presence.is-away")
    day.accessible("a break")
    day.press("b", shows="#presence.is-available")
    # 13 to 17: whom to call no more, and whom to call at once.
    day.claim_and_dial()
    day.end(Disposition.UNSAFE)
    for disposition in (
        Disposition.DO_NOT_CALL,
        Disposition.DROPPED,
        Disposition.REACHED,
        Disposition.HOAX,
    ):
        day.press("w", shows="#save-next")
        day.end(disposition)
    # 18: a wrong press is undone.
    day.press("w", shows="#save-next")
    day.press("5", "Control+s", shows="#undo button")
    day.accessible("saved")
    day.press("z", shows="h1")
    day.accessible("undone")
    day.tab_to(".disposition input")
    day.press("ArrowLeft", shows=".disposition input:checked + span")
    day.tab_to("main .button.is-main")
    day.press("Enter", shows="main .message")
    day.tab_to("main a[href$='/desk/']")
    day.press("Enter", shows="#take-next")
    # 19 and 20: through the phone company, which says how it went: one key saves and claims.
    line.behave(ADVISOR, PRESSES_ONE)
    day.press("n", shows="#call")
    for number, behaviour, outcome in (
        (17, STAYS, Disposition.REACHED),
        (18, {"kind": "decline"}, Disposition.BUSY),
    ):
        line.behave(phone_of(number), behaviour)
        day.press("c", shows="#stop")
        assert line.tick("place_call")
        if behaviour == STAYS:
            day.page.get_by_text("You are connected.").wait_for()
            line.at.later(minutes=4)
            line.hang_up(phone_of(number))
        day.see(f"#disposition-{outcome}:checked + span")
        day.press("Control+Enter", shows="#call")
    day.press("r", shows="#take-next")
    # The list of the day may be longer than a screen.
    day.page.keyboard.press("y")
    day.page.locator("h1", has_text="Calls of this shift").wait_for()
    day.accessible("calls of the shift")
    day.screen.quiet()
    db.session.rollback()
    recorded = set(db.session.scalars(sa.select(Attempt.disposition)))
    assert recorded == {*Disposition, None}, "None: transferred before its outcome"
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 20
