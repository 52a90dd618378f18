"""Rename modules, functions, classes, parameters and locals all over the repository.

    python tools/renames.py apply tools/renames/NAME.toml    # rename, move files, format
    python tools/renames.py check tools/renames/NAME.toml    # only say what would collide
    python tools/renames.py commit tools/renames/*.toml      # apply and commit one after another

A map is a TOML file. Old names are those of the tree as it is when the map is applied, so maps
are applied one after another, and one that was applied finds nothing more to do. Names that
are gone already are passed over; a map can be applied again after a rebase.

    subject = "Rename staff"  # of the commit
    sure = ["held"]           # [attributes] that were looked at and may be renamed all the same

    [modules]                 # modules and packages: imports, strings, docs and files follow
    "helpline.accounts" = "helpline.staff"
    "helpline.accounts.lines" = "helpline.staff.advisor_line"

    [files]                   # any other file or folder
    "templates/door" = "templates/auth"

    [symbols]                 # functions, classes, constants, exceptions of a module
    "helpline.accounts.lines.take" = "occupy"

    [attributes]              # methods, fields and properties of classes, wherever they are used
    "given_by" = "assigned_by"

    [parameters]              # a parameter of this name in every function, and keyword arguments
    "based_on" = "expected_version"

    [locals]                  # names inside of one function; parameters take keywords along
    "helpline.staff.rota.service.add_shifts:told" = "details"
    "helpline.staff.rota.queries.Person.shown:found" = "shifts"     # of a method
    "helpline.calls.service:lines_service" = "advisor_line"         # an import's alias

To rename a part: write tools/renames/PACKAGE.toml, try it with ``check``, commit your other work,
and when it lands: rebase on main, ``apply``, commit, and show that nothing else changed:

    python tools/check_renames.py HEAD~1 HEAD --locals

What is never followed: columns, URLs, form fields, settings, stored values, variables of
templates (rename those by hand). A view's name is its endpoint, so a view is refused.
A new name that is already taken in its scope is refused, with the place; only an import
whose new name is taken gets an alias (printed). A string that is equal to a renamed attribute
makes the tool refuse the attribute until it is named in ``sure``; so does a second class that
has it, since every ``.name`` in code and templates is renamed, whatever it is taken from.
"""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.python_names import Module, Scope  # noqa: E402

PACKAGES = ("helpline", "tests", "bench", "tools", "phonesim", "demosite")
TEXTS = {".md", ".toml", ".html", ".po", ".yml", ".json", ".js", ".css", ".sh", ".conf", ".in",
         ".service", ".txt", ".mjs", ""}  # fmt: skip
UNTOUCHED = (
    *("tools/renames", "tools/check_renames.py", "tools/python_names.py"),
    *(
        "requirements",
        "LICENSE",
        "NOTICE",
        "CHANGELOG.md",
        "docs/strings",
        "helpline/static/vendor",
    ),
    *("tests/opening_hours/package-lock", "tests/calendars/package-lock"),
)
DOTTED = re.compile(r"(?<![\w./-])(?:" + "|".join(PACKAGES) + r")(?:\.\w+)+")
PATH = re.compile(
    r"(?<![\w.-])(?:" + "|".join((*PACKAGES, "templates", "docs")) + r")(?:/[\w.-]+)+/?"
)
SHORT = re.compile(r"(?<![\w./<-])\w+(?:/\w+)+(?:\.py)?(?![\w/])")
BUILTINS = {*dir(builtins)}
REFUSED: list[str] = []
NOTED: list[str] = []


@dataclass
class Names:
    """A rename map."""

    modules: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    sure: list[str] = field(default_factory=list)
    subject: str = "Rename in standard terms"

    @staticmethod
    def read(text: str) -> Names:
        return Names(**tomllib.loads(text))

    def module(self, dotted: str) -> str:
        """The new name of a module; a package's new name holds for all in it."""
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            if new := self.modules.get(".".join(parts[:end])):
                return ".".join([new, *parts[end:]])
        return dotted

    def path(self, path: str) -> str:
        """Where a file of the repository is to be."""
        parts = path.split("/")
        for end in range(len(parts), 0, -1):
            if new := self.files.get("/".join(parts[:end])):
                return "/".join([new, *parts[end:]])
        if parts[0] not in PACKAGES:
            return path
        stem = path.removesuffix(".py").replace("/", ".")
        if path.endswith(".py"):
            return self.module(stem.removesuffix(".__init__")).replace(".", "/") + (
                "/__init__.py" if stem.endswith(".__init__") else ".py"
            )
        for end in range(len(parts) - 1, 0, -1):
            if new := self.modules.get(".".join(parts[:end])):
                return "/".join([new.replace(".", "/"), *parts[end:]])
        return path


class Repository:
    """All files, and what the map makes of them."""

    def __init__(self, names: Names) -> None:
        self.names = names
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split("\n")
        self.paths = [p for p in listed if p and (ROOT / p).is_file()]
        self.modules: dict[str, Module] = {}
        for path in self.paths:
            if path.endswith(".py"):
                module = _module(path, (ROOT / path).read_text(encoding="utf-8"))
                self.modules[module.name] = module
        self.packages = {".".join(m.split(".")[:n]) for m in self.modules for n in range(1, 9)}
        for old in [*names.modules]:  # what is applied already is not applied again
            if old not in self.packages and names.modules[old] in self.packages:
                continue
            if old not in self.packages and old in names.modules.values():
                del names.modules[old]
        self.symbols = {}
        for key, new in names.symbols.items():
            place, _, name = key.rpartition(".")
            for old in (place, *(m for m in self.modules if names.module(m) == place)):
                if old in self.modules and name in self.modules[old].top.bound:
                    self.symbols[self.resolve(f"{old}.{name}") or key] = new
                    if name in self.modules[old].views:
                        REFUSED.append(f"{key} is a view: its name is its endpoint")
        self.absent = [m for m in names.modules if m not in self.packages]
        self.absent += [f for f in names.files if not (ROOT / f).exists()]
        for key, new in names.symbols.items():
            if new not in {
                v for k, v in self.symbols.items() if k.endswith("." + key.split(".")[-1])
            }:
                self.absent.append(key)
        self.edits: dict[str, list[tuple[int, int, str]]] = {p: [] for p in self.paths}

    def resolve(self, dotted: str) -> str | None:
        """A module, or a symbol by the module that defines it; None: not in the repository."""
        for _ in range(20):
            if dotted in self.modules or dotted in self.packages:
                return dotted
            module, _, name = dotted.rpartition(".")
            if module not in self.modules:
                return None
            target = self.modules[module].top.imports.get(name)
            if target is None:
                return dotted if name in self.modules[module].top.bound else None
            dotted = target
        return None

    def meaning(self, node: ast.AST) -> str | None:
        """The module or symbol that an expression names."""
        if isinstance(node, ast.Name):
            scope: Scope = node.scope  # type: ignore[attr-defined]
            owner = scope.owner(node.id)
            if owner is None:
                return None
            if node.id in owner.imports:
                return self.resolve(owner.imports[node.id]) or "?" + owner.imports[node.id]
            return None
        if isinstance(node, ast.Attribute):
            base = self.meaning(node.value)
            if base and base.startswith("?"):
                return f"{base}.{node.attr}"
            if base and base in self.packages:
                return self.resolve(f"{base}.{node.attr}") or f"?{base}.{node.attr}"
        return None

    def renamed(self, dotted: str) -> str:
        """The last part of what a module or symbol is called from now on."""
        if dotted in self.symbols:
            return self.symbols[dotted]
        return (self.names.module(dotted) if dotted in self.packages else dotted).rpartition(".")[2]

    def plan(self) -> None:
        self._check_attributes()
        for module in self.modules.values():
            if module.path.startswith(UNTOUCHED):
                continue
            self._plan_scopes(module)
        for module in self.modules.values():
            if module.path.startswith(UNTOUCHED):
                continue
            self._plan_expressions(module)
            self._plan_imports(module)
            self._plan_strings(module)
        for path in self.paths:
            if not path.endswith(".py") and Path(path).suffix in TEXTS:
                self._plan_text(path)

    def _plan_scopes(self, module: Module) -> None:
        wanted = {k.partition(":")[2]: v for k, v in self.names.locals.items() if ":" in k}
        for scope in module.scopes:
            where = f"{module.name}.{scope.name}".strip(".")
            places = (where, f"{self.names.module(module.name)}.{scope.name}".strip("."))
            for name in sorted(scope.bound):
                new = name
                if (target := scope.imports.get(name)) and target.rpartition(".")[2] == name:
                    new = self.renamed(self.resolve(target) or target)
                elif scope.kind == "module":
                    new = self.symbols.get(f"{module.name}.{name}", name)
                elif scope.kind == "class":
                    new = self.names.attributes.get(name, name)
                elif name in scope.parameters:
                    new = self.names.parameters.get(name, name)
                if name in wanted:
                    for place in places:
                        new = self.names.locals.get(f"{place}:{name}", new)
                scope.final[name] = new
        for scope in module.scopes:  # locals of comprehensions belong to their function
            if scope.kind == "comprehension":
                outer, where = scope, ""
                while outer.kind == "comprehension" and outer.parent:
                    outer = outer.parent
                for name in scope.bound & wanted.keys():
                    for prefix in (module.name, self.names.module(module.name)):
                        where = f"{prefix}.{outer.name}".strip(".")
                        scope.final[name] = self.names.locals.get(
                            f"{where}:{name}", scope.final[name]
                        )
        self._settle_collisions(module)
        for scope in module.scopes:
            for name, start, end in scope.uses:
                owner = scope.owner(name)
                new = owner.final.get(name, name) if owner else name
                if new != name:
                    self.edits[module.path].append((start, end, new))

    def _settle_collisions(self, module: Module) -> None:
        for attempt in range(3):
            bad = list(self._collisions(module))
            for owner, name in bad:
                target, new = owner.imports.get(name), owner.final[name]
                if target is None or new == name or attempt == 2:
                    REFUSED.append(
                        f"{module.path}: {owner.name or 'module'}: {name} cannot become {new}, "
                        "which is taken there"
                    )
                    owner.final[name] = name
                    continue
                package = self.names.module(self.resolve(target) or target).split(".")[-2]
                owner.final[name] = f"{package}_{new}" if attempt == 0 else name
                NOTED.append(f"{module.path}: {target} is imported as {owner.final[name]}")
            if not bad:
                return

    def _collisions(self, module: Module) -> set[tuple[Scope, str]]:
        bad = set()
        for scope in module.scopes:
            taken: dict[str, str] = {}
            for name, new in sorted(scope.final.items(), key=lambda p: p[0] != p[1]):
                if new in taken:
                    bad.add((scope, name))
                taken[new] = name
            for name in {n for n, _, _ in scope.uses}:
                owner = scope.owner(name)
                new = owner.final.get(name, name) if owner else name
                inner: Scope | None = scope
                while inner and inner is not owner:
                    for other, final in inner.final.items():
                        if final == new and (inner is scope or inner.kind != "class"):
                            if final != other:
                                bad.add((inner, other))
                            elif owner and new != name:
                                bad.add((owner, name))
                    inner = inner.parent
            for name, new in scope.final.items():
                is_bad = new in BUILTINS or not new.isidentifier()
                if new != name and is_bad and scope.kind != "class":
                    bad.add((scope, name))
        return bad

    def _plan_expressions(self, module: Module) -> None:
        edits = self.edits[module.path]
        for node, _ in module.attributes:
            end = module.at(node.end_lineno or 0, node.end_col_offset or 0)
            base = self.meaning(node.value)
            if base and not base.startswith("?") and base in self.packages:
                if base in self.modules and node.attr in self.modules[base].top.bound:
                    now = self.modules[base].top.final.get(node.attr, node.attr)
                    edits.extend([(end - len(node.attr), end, now)] * (now != node.attr))
            elif not (base and base.startswith("?")) and node.attr in self.names.attributes:
                edits.append((end - len(node.attr), end, self.names.attributes[node.attr]))
        for call, scope in module.calls:
            self._plan_keywords(module, call, scope)
            if len(call.args) >= 2 and isinstance(call.args[1], ast.Constant):
                meant = self.meaning(call.args[0])
                word = call.args[1]
                if meant in self.modules and isinstance(word.value, str):
                    new = self.symbols.get(self.resolve(f"{meant}.{word.value}") or "")
                    if new:
                        start = module.at(word.lineno, word.col_offset)
                        edits.append((start + 1, start + 1 + len(word.value), new))

    def _plan_keywords(self, module: Module, call: ast.Call, scope: Scope) -> None:
        meant = self.meaning(call.func)
        if meant is None and isinstance(call.func, ast.Name):
            owner = scope.owner(call.func.id)
            if owner is module.top:
                meant = f"{module.name}.{call.func.id}"
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        theirs = bool(meant and meant.startswith("?")) and name != "partial"
        theirs = theirs or name in ("url_for", "render_template")
        is_class = name[:1].isupper() or name in ("replace", "_replace", "cls")
        for keyword in call.keywords:
            new = None
            if keyword.arg in self.names.attributes and is_class:
                new = self.names.attributes[keyword.arg]
            elif keyword.arg in self.names.parameters and not theirs:
                new = self.names.parameters[keyword.arg]
            elif keyword.arg and meant and f":{keyword.arg}" in " ".join(self.names.locals):
                place = meant.removeprefix("?")
                parts = place.rpartition(".")
                for where in (place, f"{self.names.module(parts[0])}.{parts[2]}"):
                    new = self.names.locals.get(f"{where}:{keyword.arg}", new)
            elif keyword.arg and name and not theirs:  # a method's parameter
                found = {
                    new
                    for key, new in self.names.locals.items()
                    if key.endswith(f".{name}:{keyword.arg}") and key.split(".")[-2][:1].isupper()
                }
                new = found.pop() if len(found) == 1 else None
            if new and keyword.arg:
                start = module.at(keyword.lineno, keyword.col_offset)
                self.edits[module.path].append((start, start + len(keyword.arg), new))

    def _plan_imports(self, module: Module) -> None:
        for node, scope in module.from_imports:
            groups: dict[str, list[str]] = {}
            assert node.module is not None, module.path
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                meant = self.resolve(dotted)
                if meant and meant in self.packages and dotted in self.packages:
                    package, _, name = self.names.module(meant).rpartition(".")
                else:
                    package = self.names.module(node.module)
                    name = self.renamed(meant) if meant else alias.name
                local = scope.final.get(alias.asname or alias.name, alias.asname or alias.name)
                shown = name if local == name and not alias.asname else f"{name} as {local}"
                groups.setdefault(package, []).append(shown)
            old = ast.unparse(node)
            new = [f"from {p} import {', '.join(n)}" for p, n in groups.items()]
            if new != [old]:
                start = module.at(node.lineno, node.col_offset)
                end = module.at(node.end_lineno or 0, node.end_col_offset or 0)
                indent = "\n" + " " * node.col_offset
                kept = re.findall(r"#.*", module.text[start:end])
                self.edits[module.path].append(
                    (start, end, indent.join(new) + "".join(f"  {c}" for c in kept))
                )

    def _plan_strings(self, module: Module) -> None:
        edits = self.edits[module.path]
        for start, text, prose in module.texts:
            found = self._in_text(text, prose=prose)
            edits.extend((start + a, start + b, n) for a, b, n in found)
        for start, name in module.exported:
            new = module.top.final.get(name, name)
            if new != name:
                edits.append((start, start + len(name), new))

    def _in_text(self, text: str, *, prose: bool = False) -> list[tuple[int, int, str]]:
        """Dotted names and paths in a text that is not code."""
        edits = []
        for match in SHORT.finditer(text) if prose else ():  # such as web/access.py
            old = f"helpline/{match.group()}"
            dotted = old.removesuffix(".py").replace("/", ".")
            new = self.names.module(dotted).replace(".", "/").removeprefix("helpline/")
            if dotted in self.packages and f"{new}.py" not in (
                match.group(),
                f"{match.group()}.py",
            ):
                edits.append((match.start(), match.start() + len(dotted) - 9, new))
        for old, new in self.names.parameters.items() if prose else ():
            pattern = rf"(?<=        ){old}(?=: )|(?<=``){old}(?=``)"
            edits.extend((m.start(), m.end(), new) for m in re.finditer(pattern, text))
        for match in DOTTED.finditer(text):
            old = match.group()
            parts = old.split(".")
            for end in range(len(parts), 0, -1):
                module = ".".join(parts[:end])
                if module in self.packages or module in self.names.modules:
                    rest = parts[end:]
                    if rest and (meant := self.resolve(f"{module}.{rest[0]}")) in self.symbols:
                        rest[0] = self.symbols[meant]
                    new = ".".join([self.names.module(module), *rest])
                    if new != old:
                        edits.append((match.start(), match.end(), new))
                    break
        for match in PATH.finditer(text):
            old = match.group().rstrip("/.")
            if "/." in old:  # A hidden file is no module.
                continue
            new = self.names.path(old)
            if new == old and "." not in old.rsplit("/", 1)[-1]:
                new = self.names.module(old.replace("/", ".")).replace(".", "/")
            if new != old:
                edits.append((match.start(), match.start() + len(old), new))
        for match in re.finditer(r"(?<=[\"'])[\w/]+\.html(?=[\"'])", text):  # a template
            new = self.names.path(f"templates/{match.group()}").removeprefix("templates/")
            if new != match.group():
                edits.append((match.start(), match.end(), new))
        return edits

    def _plan_text(self, path: str) -> None:
        if path.startswith(UNTOUCHED):
            return
        text = (ROOT / path).read_text(encoding="utf-8")
        self.edits[path] = self._in_text(text, prose=path.endswith(".md"))
        if path.endswith(".html") and self.names.attributes:
            for block in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL):
                for match in re.finditer(r"(?<=\.)[a-z_]\w*", block.group()):
                    if new := self.names.attributes.get(match.group()):
                        start = block.start() + match.start()
                        self.edits[path].append((start, start + len(match.group()), new))

    def _check_attributes(self) -> None:
        for old in self.names.attributes:
            if old in self.names.sure:
                continue
            owners = [
                f"{module.name}.{class_name}"
                for module in self.modules.values()
                for class_name, members in module.classes.items()
                if old in members
            ]
            if len(owners) != 1:
                REFUSED.append(f"attribute {old}: of {len(owners)} classes: {', '.join(owners)}")
            for module in self.modules.values():
                for class_name, members in module.classes.items():
                    node = members.get(old)
                    if isinstance(node, ast.AnnAssign) and "Mapped" in ast.unparse(node.annotation):
                        REFUSED.append(f"attribute {old}: a column of {module.name}.{class_name}")
                for word in module.strings:
                    if word.value == old:
                        REFUSED.append(f"attribute {old}: a string at {module.path}:{word.lineno}")
            for path in self.paths:
                if path.endswith(".html") and f'"{old}"' in (ROOT / path).read_text(
                    encoding="utf-8"
                ):
                    REFUSED.append(f"attribute {old}: a string in {path}")

    def apply(self) -> list[str]:
        changed = []
        texts = {}
        for path, edits in self.edits.items():
            if not edits:
                continue
            text = (ROOT / path).read_text(encoding="utf-8")
            last = len(text) + 1
            for start, end, new in sorted(set(edits), reverse=True):
                assert end <= last, f"{path}: two renames of {text[start:end]!r}"
                text, last = text[:start] + new + text[end:], start
            texts[path] = text
        moves = {p: self.names.path(p) for p in self.paths if self.names.path(p) != p}
        for old in moves:
            _git("mv", old, old + ".moving")
        for old, new in moves.items():
            assert not (ROOT / new).exists(), f"{new} is there already"
            (ROOT / new).parent.mkdir(parents=True, exist_ok=True)
            _git("mv", old + ".moving", new)
        for path, text in texts.items():
            new = moves.get(path, path)
            (ROOT / new).write_text(text, encoding="utf-8")
            changed.append(new)
        for old in moves:  # nothing but caches is left in a folder that moved
            for folder in (ROOT / old).parents:
                if folder != ROOT and folder.is_dir() and not any(
                    f.is_file() and f.suffix != ".pyc" for f in folder.rglob("*")
                ):  # fmt: skip
                    subprocess.run(["rm", "-rf", str(folder)], check=True)
        python = [p for p in changed if p.endswith(".py")]
        for command in (
            ["check", "--quiet", "--select", "I,RUF022", "--fix"],
            ["format", "--quiet"],
        ):
            if python:
                subprocess.run(
                    [sys.executable, "-m", "ruff", *command, *python], cwd=ROOT, check=False
                )
        return changed


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)


@cache
def _module(path: str, text: str) -> Module:
    return Module(path, text)


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] not in ("apply", "check", "commit"):
        print(__doc__)
        return 2
    for path in sys.argv[2:]:
        names = Names.read(Path(path).read_text(encoding="utf-8"))
        repository = Repository(names)
        repository.plan()
        for line in dict.fromkeys(NOTED):
            print(line)
        if repository.absent:
            print(len(repository.absent), "names are not there:", *repository.absent)
        if REFUSED:
            print(f"{path}: REFUSED", *dict.fromkeys(REFUSED), sep="\n")
            return 1
        NOTED.clear()
        print(f"{path}: {sum(len(e) for e in repository.edits.values())} names", flush=True)
        if sys.argv[1] != "check":
            repository.apply()
        if sys.argv[1] == "commit":
            _git("add", "--all")
            _git("commit", "--quiet", "--allow-empty", "--message", names.subject)
    return 0


if __name__ == "__main__":
    sys.exit(main())
