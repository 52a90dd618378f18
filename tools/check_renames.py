"""Show that a commit renamed and did nothing else.

    python tools/check_renames.py BASE HEAD [--locals] [--docstrings]

Compares the syntax tree of every function and class body at BASE with that at HEAD. Names may
differ only as the maps at HEAD say (tools/renames.toml, tools/renames/*.toml); a name that was
imported must refer to the same thing. With --locals, local names and parameters may differ by a
one-to-one renaming within their function. With --docstrings, docstrings may differ; comments
always may. Exit status 1 on any difference.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.renames import DOTTED, PATH, SHORT, Names

IDENTIFIERS = {"id", "attr", "arg", "name", "rest", "asname"}
TEMPLATE = re.compile(r"[\w/]+\.html")
BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def files_of(commit: str) -> list[str]:
    return _git("ls-tree", "-r", "--name-only", commit).splitlines()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def sources(commit: str, paths: list[str]) -> dict[str, str]:
    asked = "".join(f"{commit}:{p}\n" for p in paths).encode()
    raw = subprocess.run(
        ["git", "cat-file", "--batch"], input=asked, check=True, capture_output=True
    )
    texts, at = {}, 0
    for path in paths:
        end = raw.stdout.index(b"\n", at)
        size = int(raw.stdout[at:end].split()[2])
        texts[path] = raw.stdout[end + 1 : end + 1 + size].decode()
        at = end + 2 + size
    return texts


class Comparison:
    def __init__(self, maps: list[Names], *, free_locals: bool, free_docstrings: bool) -> None:
        self.maps, self.free_locals, self.free_docstrings = maps, free_locals, free_docstrings
        self.pairs: dict[str, set[str]] = defaultdict(set)
        self.keywords: set[tuple[str, str]] = set()
        for names in maps:
            for table in (
                names.modules,
                names.symbols,
                names.attributes,
                names.parameters,
                names.locals,
            ):
                for old, new in table.items():
                    self.pairs[old.rpartition(".")[2].rpartition(":")[2]].add(
                        new.rpartition(".")[2]
                    )
            for old, new in names.locals.items():
                self.pairs[old.rpartition(":")[2]].add(new)
        self.exports: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]] = ({}, {})
        self.bodies = 0
        self.differing: dict[str, list[str]] = defaultdict(list)

    def allowed(self, old: str, new: str) -> bool:
        return (
            old == new
            or new in self.pairs[old]
            or any(new in self.pairs[n] for n in self.pairs[old])
        )

    def canonical(self, dotted: str, *, head: bool) -> str:
        """A name by the module that defines it."""
        for _ in range(9):
            module, _, name = dotted.rpartition(".")
            if name not in self.exports[head].get(module, {}):
                break
            dotted = self.exports[head][module][name]
        return dotted

    def is_same(self, old: str, new: str) -> bool:
        """Whether two dotted names are of one thing."""
        return self.canonical(new, head=True) in self.dotted(self.canonical(old, head=False))

    def dotted(self, old: str) -> set[str]:
        """What a dotted name may be called at HEAD."""
        names = {old}
        for each in self.maps:
            for name in [*names]:
                module, _, last = name.rpartition(".")
                mapped = each.module(module)
                names |= {each.module(name), f"{mapped}.{last}"}
                for key in (name, f"{mapped}.{last}"):
                    if key in each.symbols:
                        names.add(f"{mapped}.{each.symbols[key]}")
        return names

    def same_text(self, old: str, new: str) -> bool:
        if old == new or self.allowed(old, new):
            return True
        for pattern in (DOTTED, PATH, TEMPLATE, SHORT):
            pairs = zip(pattern.findall(old), pattern.findall(new), strict=False)
            if not all(self.same_place(before, after) for before, after in pairs):
                return False
            old, new = pattern.sub("\0", old), pattern.sub("\0", new)
        words = re.split(r"(\W+)", old), re.split(r"(\W+)", new)
        return len(words[0]) == len(words[1]) and all(map(self.allowed, *words))

    def same_place(self, old: str, new: str) -> bool:
        """Whether a dotted name or path at BASE is called so at HEAD."""
        if old == new or new in self.dotted(old):
            return True
        roots = ("", "helpline/", "templates/")
        for root in roots:
            places = {root + old.rstrip("/.")}
            for names in self.maps:
                places |= {names.path(p) for p in places}
                places |= {names.module(p.replace("/", ".")).replace(".", "/") for p in places}
            if root + new.rstrip("/.") in places:
                return True
        parent, _, symbol = old.rpartition(".")  # helpline.x.Class.method and the like
        return (
            bool(parent)
            and self.same_place(parent, new.rpartition(".")[0])
            and (self.allowed(symbol, new.rpartition(".")[2]))
        )

    def module(self, path: str, old: ast.Module, new: ast.Module) -> None:
        self.path = path
        self.imports = (dict(_imports(old)), dict(_imports(new)))
        at_head = {self.canonical(d, head=True) for d in self.imports[1].values()}
        missing = [
            each
            for each in self.imports[0].values()
            if not self.dotted(self.canonical(each, head=False)) & at_head
        ]
        for dotted in missing:
            self.differing[f"{path}: imports"].append(f"{dotted} is not imported")
        self._compare(old, new, [], [])

    def _differ(self, where: list[str], words: str) -> None:
        self.differing[f"{self.path}: {'.'.join(where) or 'module'}"].append(words)

    def _compare(self, old: Any, new: Any, where: list[str], frames: list[Any]) -> None:
        if isinstance(old, ast.AST):
            if type(old) is not type(new):
                return self._differ(where, f"line {getattr(old, 'lineno', '?')}: another statement")
            if isinstance(old, BODIES):
                self.bodies += 1
                where = [*where, old.name]
            if isinstance(old, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                frames = [*frames, (_bound(old), {}, {})]
            if isinstance(old, ast.Attribute):
                self._member(old, new, where)
            for name in old._fields:
                before, after = getattr(old, name), getattr(new, name)
                if name == "body" and isinstance(before, list):
                    before, after = self._body(old, before), self._body(new, after)
                if name in IDENTIFIERS and isinstance(before, str) and isinstance(after, str):
                    self._identifier(old, before, after, where, frames)
                elif isinstance(old, ast.Constant) and isinstance(before, str):
                    if not isinstance(after, str) or not self.same_text(before, after):
                        self._differ(
                            where, f"line {old.lineno}: another string {before!r} {after!r}"
                        )
                elif "__all__" in (getattr(t, "id", "") for t in getattr(old, "targets", [])):
                    parts = [
                        len(getattr(getattr(each, "value", None), "elts", []))
                        for each in (old, new)
                    ]
                    if parts[0] != parts[1]:
                        self._differ(where, "__all__")
                    break
                else:
                    self._compare(before, after, where, frames)
        elif isinstance(old, list):
            if not isinstance(new, list) or len(old) != len(new):
                return self._differ(where, f"{len(old)} parts, then {len(new or [])}")
            for before, after in zip(old, new, strict=True):
                self._compare(before, after, where, frames)
        elif isinstance(old, str) and isinstance(new, str):  # global, nonlocal
            self._identifier(None, old, new, where, frames)
        elif old != new or type(old) is not type(new):
            self._differ(where, f"{old!r}, then {new!r}")
        return None

    def _member(self, old: ast.Attribute, new: Any, where: list[str]) -> None:
        """What is taken from an imported module of the repository must be the same there."""
        before = self.imports[0].get(getattr(old.value, "id", ""), "")
        after = self.imports[1].get(getattr(new.value, "id", ""), "")
        if not before.startswith("helpline") or not after or old.attr == new.attr:
            return
        is_class = before.rpartition(".")[2][:1].isupper() and self.is_same(before, after)
        if is_class and self.allowed(old.attr, new.attr):
            return
        if not self.is_same(f"{before}.{old.attr}", f"{after}.{new.attr}"):
            self._differ(where, f"line {old.lineno}: {before}.{old.attr} is {new.attr}")

    def _body(self, node: Any, body: list[Any]) -> list[Any]:
        body = [s for s in body if not isinstance(s, ast.Import | ast.ImportFrom)]
        is_documented = isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
        )
        if self.free_docstrings and is_documented and ast.get_docstring(node) is not None:
            body = body[1:]
        return [s for s in body if not isinstance(s, ast.Pass)] if self.free_docstrings else body

    def _identifier(
        self, node: Any, old: str, new: str, where: list[str], frames: list[Any]
    ) -> None:
        before, after = self.imports[0].get(old), self.imports[1].get(new)
        if isinstance(node, ast.Name) and before and after and self.is_same(before, after):
            return
        if self.free_locals and isinstance(
            node, ast.Name | ast.arg | ast.ExceptHandler | ast.MatchAs | None
        ):
            for bound, forward, backward in reversed(frames):
                if old in bound:
                    if forward.setdefault(old, new) != new or backward.setdefault(new, old) != old:
                        self._differ(where, f"{old} and {new} are not one to one")
                    if isinstance(node, ast.arg) and old != new:
                        self.keywords.add((old, new))
                    return
        if not self.allowed(old, new) and not (
            isinstance(node, ast.keyword) and (old, new) in self.keywords
        ):
            self._differ(where, f"line {getattr(node, 'lineno', '?')}: {old} is {new}")


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _bound(function: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs) and node.name:
            names.add(node.name)
    return names


def main() -> int:
    options = [a for a in sys.argv[1:] if a.startswith("--")]
    commits = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(commits) != 2 or {*options} - {"--locals", "--docstrings"}:
        print(__doc__)
        return 2
    base, head = commits
    at_base, at_head = files_of(base), files_of(head)
    written = [p for p in at_head if p.startswith("tools/renames") and p.endswith(".toml")]
    maps = [Names.read(text) for text in sources(head, written).values()]
    places = {}
    for path in at_base:
        if path.endswith(".py"):
            new = path
            for names in maps:
                new = names.path(new) if new not in at_head or new == path else new
            places[path] = new if new in at_head else path
    missing = [p for p, n in places.items() if n not in at_head]
    added = sorted({p for p in at_head if p.endswith(".py")} - {*places.values()})
    places = {p: n for p, n in places.items() if n in at_head}
    old, new_texts = sources(base, [*places]), sources(head, [*places.values()])
    exports: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]] = ({}, {})
    for table, texts in zip(exports, (old, new_texts), strict=True):
        for path, text in texts.items():
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            table[module] = dict(_imports(ast.parse(text)))
    known: set[tuple[str, str]] = set()
    for _ in range(2):  # the second time it knows which parameters were renamed
        comparison = Comparison(
            maps, free_locals="--locals" in options, free_docstrings="--docstrings" in options
        )
        comparison.keywords, comparison.exports = known, exports
        for before, after in places.items():
            if old[before] != new_texts[after]:
                comparison.module(after, ast.parse(old[before]), ast.parse(new_texts[after]))
            else:
                comparison.bodies += sum(
                    isinstance(n, BODIES) for n in ast.walk(ast.parse(old[before]))
                )
    print(f"{len(places)} files, {sum(p != n for p, n in places.items())} of them moved")
    bodies, differing = comparison.bodies, len(comparison.differing)
    print(f"{bodies} bodies compared, {bodies - differing} equal, {differing} differing")
    for place, words in comparison.differing.items():
        print(f"  {place}: {'; '.join(words[:3])}")
    for path in missing:
        print(f"  {path} is gone")
    if added:
        print("  new:", *added)
    return 1 if differing or missing else 0


if __name__ == "__main__":
    sys.exit(main())
