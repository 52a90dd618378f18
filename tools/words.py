"""Update every catalog from the sources (``make words``), and list missing translations.

Texts for visitors are in the catalogs; texts for staff are in English only. Which is which follows
from the modules that serve visitors: nothing has to be listed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

import grimp
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from helpline.directory.crisis.published_directory import PACKAGED, TABLE_TEXTS  # noqa: E402
from helpline.domain import safety_facts  # noqa: E402
from helpline.i18n import catalogs  # noqa: E402
from helpline.i18n.catalogs import FORMAT, LINE, TEXT, VOICE  # noqa: E402
from helpline.messaging import sms_templates  # noqa: E402
from helpline.telephony import prompts  # noqa: E402
from helpline.web import formatting as page_words  # noqa: E402

DOORS = (
    "helpline.web.visitor",
    "helpline.web.api",
    "helpline.web.embed",
    "helpline.web.errors",
)
"""Modules that serve visitors. Texts of what they import may be shown to visitors, and so may those
of TEMPLATES and the templates that these refer to."""
TEMPLATES = "visitor/"

_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
_HEAD = """\
# {name}: every word of the visitors' pages, texts and voice prompts. See docs/languages.md.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_NAMED = re.compile(r"%\((\w+)\)[sd]|%(?!%)")


def wanted() -> Catalog:
    """Every word there is to translate, as the sources have it now."""
    found = Catalog(charset="utf-8")
    for place, words, context, comments in [*_of_pages(), *_of_data()]:
        found.add(words, context=context, locations=[(place, 0)], auto_comments=comments)
    return found


def _of_pages() -> Iterator[tuple[str, Any, str | None, list[str]]]:
    for place in sorted(_modules()) + sorted(_templates()):
        kind = "jinja2" if place.endswith(".html") else "python"
        options = {"extensions": "jinja2.ext.i18n"} if kind == "jinja2" else {}
        with (ROOT / place).open("rb") as source:
            for _line, words, comments, context in extract(
                kind, source, keywords=_KEYWORDS, options=options
            ):
                yield place, words, context, comments


def _modules() -> Iterator[str]:
    """Return the files of everything that DOORS import."""
    graph = grimp.build_graph("helpline", cache_dir=None)
    found: set[str] = set()
    for door in DOORS:
        for module in {door, *graph.find_descendants(door)}:
            found |= {module, *graph.find_upstream_modules(module)}
    for module in found:
        path = module.replace(".", "/")
        yield f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


def _templates() -> Iterator[str]:
    """Every template of the visitors', and every one that it extends, includes or imports."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    folder = ROOT / "templates"
    ahead = [f"{TEMPLATES}{file.name}" for file in (folder / TEMPLATES).glob("*.html")]
    seen: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            source = (folder / name).read_text(encoding="utf-8")
            ahead += filter(None, meta.find_referenced_templates(environment.parse(source)))
    return (f"templates/{name}" for name in seen)


def _of_data() -> Iterator[tuple[str, str, str | None, list[str]]]:
    texts = sms_templates.english_templates()
    yield from ((_place(sms_templates.FILE), each, TEXT, [key]) for key, each in texts.items())
    voice = json.loads(prompts.FILE.read_text(encoding="utf-8"))
    place = _place(prompts.FILE)
    yield place, voice["locale"], VOICE, ["The carrier's code of this language."]
    yield place, voice["voice"], VOICE, ["A voice of the carrier's that speaks it."]
    yield from ((place, each, VOICE, [key]) for key, each in prompts.prompts().items())
    facts = _place(safety_facts.FILE)
    for fact in safety_facts.safety_facts().values():
        yield from ((facts, each, None, [fact.id]) for each in (fact.title, *fact.items))
    yield from (
        ("helpline/directory/crisis/published_directory.py", each, LINE, []) for each in TABLE_TEXTS
    )
    for line in json.loads(PACKAGED.read_text(encoding="utf-8")):
        shown = [line["name"]] + [line["notes"]] * bool(line["notes"])
        yield from ((_place(PACKAGED), each, LINE, [line["region"]]) for each in shown)
    for pattern in (*page_words.PATTERNS, *prompts.PATTERNS, *sms_templates.PATTERNS):
        yield "helpline/i18n/catalogs.py", pattern, FORMAT, []


def _place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def kept(file: Path) -> Catalog:
    """A catalog as it lies there. One that has no head yet gets the plural rule of its language."""
    locale = Locale.parse(file.stem, sep="-")
    text = file.read_text(encoding="utf-8")
    if "Plural-Forms:" not in text:
        text = _HEAD.format(name=file.stem, code=file.stem, plurals=plural_rule(locale)) + text
    return read_po(BytesIO(text.encode()), locale=locale, charset="utf-8")


def plural_rule(locale: Locale) -> str:
    """The plural rule of a language, as a catalog has it.

    Babel's own table has the rule of English for Hindi and its neighbours, where none is singular.
    """
    form = locale.plural_form
    if form(0) == form(1) == "one" and all(form(n) == "other" for n in range(2, 200)):
        return "nplurals=2; plural=(n > 1);"
    return str(Catalog(locale=locale).plural_forms)


def update(file: Path, template: Catalog) -> None:
    """Puts a catalog in step: what is new is there and empty, what is gone is gone."""
    found = kept(file)
    found.update(template, no_fuzzy_matching=True)
    written = BytesIO()
    write_po(written, found, width=96, omit_header=True, ignore_obsolete=True, include_lineno=False)
    locale = found.locale
    head = _HEAD.format(
        name=locale.english_name if locale else file.stem,
        code=file.stem,
        plurals=found.plural_forms,
    )
    file.write_text(head + written.getvalue().decode(), encoding="utf-8")


def problems(file: Path, template: Catalog) -> list[str]:
    """What is wrong with a catalog: a word that is missing, doubtful, or leaves open something
    else than the English."""
    found = kept(file)
    told = []
    for message in template:
        if message.id:
            there = found.get(message.id, message.context)
            told += [f"{problem}: {_shown(message)}" for problem in _problems(message, there)]
    known = {(_first(each.id), each.context) for each in template}
    told += [
        f"not in the sources any more: {_shown(each)}"
        for each in found
        if each.id and (_first(each.id), each.context) not in known
    ]
    return told


def _problems(message: Message, there: Message | None) -> Iterator[str]:
    if there is None:
        yield "missing"
        return
    if there.fuzzy:
        yield "marked fuzzy"
    forms = there.string if isinstance(there.string, list | tuple) else (there.string,)
    if not all(form and form.strip() for form in forms):
        yield "not translated"
        return
    open_places = _open_places(message, message.id)
    for form in forms:
        if _open_places(message, form) != open_places:
            yield f"leaves open {_open_places(message, form)}, not {open_places}"


def _open_places(message: Message, words: Any) -> list[str]:
    """The names of what is filled in, in order of the alphabet."""
    text = words[-1] if isinstance(words, list | tuple) else words
    if message.context in (TEXT, VOICE):
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    if message.context in (FORMAT, LINE):
        return []
    return sorted(match[0] for match in _NAMED.finditer(text))


def _first(words: Any) -> str:
    return str(words[0] if isinstance(words, list | tuple) else words)


def _shown(message: Message) -> str:
    where = f"[{message.context}] " if message.context else ""
    places = ", ".join(sorted({place for place, _ in message.locations}))
    return f"{where}{_first(message.id)!r} {places}".rstrip()


def main() -> int:
    """Updates all, and says what is left to do."""
    template = wanted()
    left = 0
    for file in sorted(catalogs.FOLDER.glob("*.po")):
        update(file, template)
        found = problems(file, template)
        left += len(found)
        print(
            f"{file.relative_to(ROOT)}: {len(template)} messages, {len(found)} to translate or fix"
        )
        for each in found:
            print(f"  {each}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
