# ruff: noqa: N815
"""The positions and scopes of every name in a Python file; for tools/renames.py."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Any

VIEWS = {"get", "post", "put", "patch", "delete", "route", "endpoint"}


class Scope:
    def __init__(self, kind: str, name: str, parent: Scope | None) -> None:
        self.kind, self.name, self.parent = kind, name, parent
        self.bound: set[str] = set()
        self.imports: dict[str, str] = {}
        self.parameters: set[str] = set()
        self.outer: dict[str, str] = {}  # what global and nonlocal say
        self.uses: list[tuple[str, int, int]] = []  # name, offset, end
        self.final: dict[str, str] = {}

    def owner(self, name: str) -> Scope | None:
        """The scope that a name in this one belongs to; none is a builtin."""
        scope: Scope | None = self
        if name in self.outer:
            scope = self.parent
            while scope and not (
                scope.kind == "module"
                or (
                    self.outer[name] == "nonlocal"
                    and scope.kind == "function"
                    and name in scope.bound
                )
            ):
                scope = scope.parent
            return scope
        while scope and not (name in scope.bound and (scope is self or scope.kind != "class")):
            scope = scope.parent
        return scope


class Module(ast.NodeVisitor):
    """A Python file: its scopes, and every occurrence of a name."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.scope = self.top = Scope("module", "", None)
        self.scopes = [self.top]
        self.attributes: list[tuple[ast.Attribute, Scope]] = []
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.from_imports: list[tuple[ast.ImportFrom, Scope]] = []
        self.strings: list[ast.Constant] = []
        self.classes: dict[str, dict[str, ast.AST]] = {}
        self.views: set[str] = set()
        self.plain_imports: list[ast.Import] = []
        self.tree = ast.parse(text)
        self.visit(self.tree)
        self.texts = [*self._texts()]
        self.exported = [*self._exported()]

    def span(self, node: Any) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def _texts(self) -> Iterator[tuple[int, str, bool]]:
        """Strings and comments, and whether each is prose; import statements with dots in them."""
        imports = {
            n for i, _ in self.from_imports for n in range(i.lineno, (i.end_lineno or 0) + 1)
        }
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type in (tokenize.STRING, tokenize.COMMENT) and token.start[0] not in imports:
                start = self.starts[token.start[0] - 1] + token.start[1]
                yield start, token.string, token.string.startswith(("#", '"""'))
        for node in self.plain_imports:
            start, end = self.span(node)
            yield start, self.text[start:end], False

    def _exported(self) -> Iterator[tuple[int, str]]:
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                for word in getattr(node.value, "elts", []):
                    yield self.at(word.lineno, word.col_offset) + 1, word.value

    def at(self, line: int, column: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return self.starts[line - 1] + (
            column if text.isascii() else len(text.encode()[:column].decode())
        )

    def use(self, name: str, offset: int, *, bind: bool = False) -> None:
        assert self.text[offset : offset + len(name)] == name, (self.path, name, offset)
        self.scope.uses.append((name, offset, offset + len(name)))
        if bind and name not in self.scope.outer:
            self.scope.bound.add(name)

    def search(self, name: str, start: int) -> int:
        found = re.compile(rf"(?<!\w){name}(?!\w)").search(self.text, start)
        assert found, (self.path, name)
        return found.start()

    def within(self, kind: str, name: str) -> Scope:
        self.scope = Scope(kind, f"{self.scope.name}.{name}".strip("."), self.scope)
        self.scopes.append(self.scope)
        return self.scope

    def many(self, nodes: Any) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_FunctionDef(self, node: Any) -> None:
        self.many(node.decorator_list)
        if any(
            isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute) and d.func.attr in VIEWS
            and not any(k.arg == "endpoint" for k in d.keywords)
            for d in node.decorator_list
        ):  # fmt: skip
            self.views.add(node.name)
        self.use(
            node.name, self.search(node.name, self.at(node.lineno, node.col_offset)), bind=True
        )
        self._function(node, node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, "<lambda>")

    def _function(self, node: Any, name: str) -> None:
        a = node.args
        self.many([*a.defaults, *a.kw_defaults])
        args = [*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg]
        self.many(arg.annotation for arg in args if arg)
        self.many([getattr(node, "returns", None)])
        outside, _ = self.scope, self.within("function", name)
        for arg in args:
            if arg:
                self.use(arg.arg, self.at(arg.lineno, arg.col_offset), bind=True)
                self.scope.parameters.add(arg.arg)
        body = node.body if isinstance(node.body, list) else [node.body]
        self._outer_names(body)
        self.many(body)
        self.scope = outside

    def _outer_names(self, body: list[Any]) -> None:
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Global | ast.Nonlocal):
                    kind = "global" if isinstance(node, ast.Global) else "nonlocal"
                    self.scope.outer.update(dict.fromkeys(node.names, kind))

    def visit_Global(self, node: Any) -> None:
        for name in node.names:
            self.use(name, self.search(name, self.at(node.lineno, node.col_offset)))

    visit_Nonlocal = visit_Global

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.many([*node.decorator_list, *node.bases])
        self.many(k.value for k in node.keywords)
        self.use(
            node.name, self.search(node.name, self.at(node.lineno, node.col_offset)), bind=True
        )
        outside, _ = self.scope, self.within("class", node.name)
        members: dict[str, ast.AST] = {}
        for statement in node.body:
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            for name in [
                getattr(statement, "name", None),
                *(getattr(t, "id", None) for t in targets),
            ]:
                if name:
                    members.setdefault(name, statement)
        self.classes[self.scope.name] = members
        self.many(node.body)
        self.scope = outside

    def _comprehension(self, node: Any) -> None:
        self.visit(node.generators[0].iter)
        outside, _ = self.scope, self.within("comprehension", "<comp>")
        for number, part in enumerate(node.generators):
            self.many([part.target, *part.ifs, part.iter if number else None])
        self.many([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scope = outside

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        inside = self.scope
        while self.scope.kind == "comprehension" and self.scope.parent:
            self.scope = self.scope.parent
        self.visit(node.target)
        self.scope = inside

    def visit_Name(self, node: ast.Name) -> None:
        bind = not isinstance(node.ctx, ast.Load)
        self.use(node.id, self.at(node.lineno, node.col_offset), bind=bind)
        node.scope = self.scope  # type: ignore[attr-defined]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name and node.type:
            start = self.at(node.type.end_lineno or 0, node.type.end_col_offset or 0)
            self.use(node.name, self.search(node.name, start), bind=True)
        self.generic_visit(node)

    def visit_MatchAs(self, node: Any) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            end = self.at(node.end_lineno, node.end_col_offset)
            self.use(name, self.text.rindex(name, 0, end), bind=True)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.attributes.append((node, self.scope))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.calls.append((node, self.scope))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.strings.append(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.plain_imports.append(node)
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.scope.bound.add(name)
            self.scope.imports[name] = alias.name if alias.asname else name

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.from_imports.append((node, self.scope))
        for alias in node.names:
            name = alias.asname or alias.name
            self.scope.bound.add(name)
            self.scope.imports.setdefault(name, f"{node.module}.{alias.name}")
