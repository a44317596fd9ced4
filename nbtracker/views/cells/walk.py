"""One walk over the syntax tree of a cell, in the order in which Python evaluates it."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from nbtracker.views.cells import effects
from nbtracker.views.cells.flow import Flow
from nbtracker.views.cells.scope import Scope
from nbtracker.views.cells.sharing import bound_in, dotted_name, locals_of, root_of

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_HANDLES_MISSING = frozenset({"NameError", "Exception", "BaseException"})


def walk(tree: ast.Module, modules: Mapping[str, str]) -> Flow:
    """Say what the statements of a cell do."""
    walker = Walker(modules)
    walker.body(tree.body)
    return walker.flow()


class Walker(Scope):
    """Takes in statements, one after the other."""

    def body(self, statements: Iterable[ast.stmt]) -> None:
        """Take in statements in order."""
        for statement in statements:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        """Take in a statement or an expression."""
        take: Callable[[Any], None] | None
        take = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if take is not None:
            take(node)
            return
        for below in ast.iter_child_nodes(node):
            self.visit(below)

    def _bind_kind(self, name: str, value: ast.expr | None) -> None:
        super()._bind_kind(name, value)
        if isinstance(value, ast.Lambda):
            self.functions[name] = self._deferred(value.args, [ast.Expr(value.body)])

    # Names

    def _on_name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
            if _is_output(node.id) and node.id not in self.hidden | self.maybe:
                self.note("uses", (effects.OUTPUTS,))
        elif isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        elif node.id not in self.hidden:
            self.read(node.id)
            self.sure.discard(node.id)
            self.maybe.discard(node.id)
            self.note("deletes", (node.id,))

    def target(self, node: ast.expr, value: ast.expr | None) -> None:
        """Assign to a name, to names, or to a part of an object."""
        match node:
            case ast.Name(id=name):
                self.bind(name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                same = isinstance(value, ast.Tuple) and len(value.elts) == len(parts)
                values = (
                    value.elts if same and isinstance(value, ast.Tuple) else [value] * len(parts)
                )
                for part, given in zip(parts, values, strict=True):
                    self.target(part, given)
            case ast.Starred(value=inner):
                self.target(inner, value)
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                self._change_part(node, inner, value)

    def _change_part(self, node: ast.expr, inner: ast.expr, value: ast.expr | None) -> None:
        if isinstance(node, ast.Subscript):
            self.visit(node.slice)
        self.visit(inner)
        known = dotted_name(node, self.modules)
        if known and effects.changes_process(known):
            self.note("changes", (effects.PROCESS,))
        changed = self.roots(inner) | ({root_of(node)} - {"", *self.hidden} if known else set())
        self.note("mutates", changed)
        for name in changed:
            self.shares.setdefault(name, set()).update(self.roots(value) - {name})

    def _on_assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.target(target, node.value)

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.target(node.target, node.value)

    def _on_augassign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            name = node.target.id
            self.read(name)
            self.note("mutates", self.roots(ast.Name(name, ast.Load())))
            if name not in self.hidden:
                self.sure.add(name)
                self.maybe.add(name)
        else:
            self.target(node.target, node.value)

    def _on_namedexpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.target(node.target, node.value)

    def _on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.visit(target)
            elif isinstance(target, ast.Attribute | ast.Subscript):
                self._change_part(target, target.value, None)

    # Imports and definitions

    def _on_import(self, node: ast.Import) -> None:
        for one in node.names:
            name = one.asname or one.name.partition(".")[0]
            self._import(name, one.name if one.asname else name)

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        package = "." * node.level + (node.module or "")
        for one in node.names:
            if one.name == "*":
                self.stars.append(package)
            else:
                self._import(one.asname or one.name, f"{package}.{one.name}")

    def _import(self, name: str, dotted: str) -> None:
        self.bind(name)
        if name not in self.hidden:
            self.imported[name] = dotted
        self.modules[name] = dotted

    def _on_functiondef(self, node: _Function) -> None:
        self._visit_all(
            [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        )
        said = [one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg)]
        self._visit_all(filter(None, [*said, node.returns]))
        self.bind(node.name)
        flow = self._deferred(node.args, node.body)
        if node.name in self.hidden:
            self.merge(flow)
        else:
            self.functions[node.name] = flow

    _on_asyncfunctiondef = _on_functiondef

    def _on_lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self.merge(self._deferred(node.args, [ast.Expr(node.body)]))

    def _deferred(self, arguments: ast.arguments, body: list[ast.stmt]) -> Flow:
        inner = Walker(self.modules, self.hidden | locals_of(arguments, body))
        inner.body(body)
        return inner.flow()

    def _on_classdef(self, node: ast.ClassDef) -> None:
        self._visit_all([*node.decorator_list, *node.bases, *(one.value for one in node.keywords)])
        self.bind(node.name)
        own = bound_in(node.body)
        inner = Walker(self.modules, self.hidden | own)
        methods = [one for one in node.body if isinstance(one, _Function)]
        for method in methods:
            self._visit_all(method.decorator_list)
            # A method does not see the names of its class.
            flow = self._deferred(method.args, method.body)
            dunder = method.name.startswith("__")
            if dunder:
                inner.merge(flow)
            self.functions[f"{node.name}.{method.name}"] = flow
        self.functions[node.name] = inner.flow()
        now = Walker(self.modules, self.hidden | own)
        now.body([one for one in node.body if not isinstance(one, _Function)])
        self.merge(now.flow())

    def merge(self, flow: Flow) -> None:
        """Take in what a body does that runs here, or may."""
        for name in sorted(flow.reads):
            self.read(name)
        self._guarded += 1
        for name in sorted(flow.may_read):
            self.read(name)
        self._guarded -= 1
        self.maybe |= flow.writes | flow.may_write
        for kind in _JOINED:
            self.note(kind, getattr(flow, kind))
        self.opaque += flow.opaque
        self.flags |= {
            flag for flag in ("background", "calls", "seeded", "logs") if getattr(flow, flag)
        }

    # Branches

    @contextmanager
    def _branch(self) -> Iterator[set[str]]:
        """A part that may not run; gives the names that it binds for sure."""
        before, bound = set(self.sure), set[str]()
        self._branches += 1
        yield bound
        self._branches -= 1
        bound |= self.sure
        self.sure = before

    def _either(self, *bodies: list[ast.stmt]) -> None:
        ends = []
        for statements in bodies:
            with self._branch() as bound:
                self.body(statements)
            if not _leaves(statements):
                ends.append(bound)
        if ends:
            self.sure = set.intersection(*ends)

    def _on_if(self, node: ast.If) -> None:
        self.visit(node.test)
        self._either(node.body, node.orelse)

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.note("iterated", self.roots(node.iter))
        with self._loop(node.body), self._branch():
            # The first time round is no branch: what it reads must be there.
            self._branches -= 1
            self.target(node.target, node.iter)
            self.body(node.body)
            self._branches += 1
        self._either(node.orelse, [])

    _on_asyncfor = _on_for

    def _on_while(self, node: ast.While) -> None:
        self.visit(node.test)
        with self._loop(node.body):
            if isinstance(node.test, ast.Constant) and node.test.value:
                self.body(node.body)
            else:
                with self._branch():
                    self.body(node.body)
        self._either(node.orelse, [])

    @contextmanager
    def _loop(self, statements: list[ast.stmt]) -> Iterator[None]:
        before = set(self._looped)
        self._looped |= bound_in(statements)
        yield
        self._looped = before

    def _on_try(self, node: ast.Try) -> None:
        guards = any(_catches_missing(handler) for handler in node.handlers)
        before = set(self.sure)
        self._guarded += guards
        self.body(node.body)
        self._guarded -= guards
        self.body(node.orelse)
        ends = [set(self.sure)]
        for handler in node.handlers:
            self.sure = set(before)
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                self.maybe.add(handler.name)
                self.sure.add(handler.name)
            with self._branch() as bound:
                self.body(handler.body)
            if not _leaves(handler.body):
                ends.append(bound - {handler.name or ""})
        self.sure = set.intersection(*ends)
        self.body(node.finalbody)

    _on_trystar = _on_try

    def _on_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            self.note("may_mutate", self.roots(item.context_expr))
            if item.optional_vars is not None:
                self.target(item.optional_vars, item.context_expr)
        self.body(node.body)

    _on_asyncwith = _on_with

    def _on_match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            with self._branch():
                for name in bound_in([case.pattern]):
                    self.bind(name, node.subject)
                self._visit_all(filter(None, [case.guard]))
                self.body(case.body)

    def _on_ifexp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        for part in (node.body, node.orelse):
            with self._branch():
                self.visit(part)

    def _on_boolop(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self._branch():
            self._visit_all(node.values[1:])

    # Comprehensions and calls

    def _comprehension(self, node: _Comprehension) -> None:
        before, shared = set(self.hidden), dict(self.local_shares)
        for one in node.generators:
            self.visit(one.iter)
            self.note("iterated", self.roots(one.iter))
            self.hidden |= bound_in([one.target])
            self.target(one.target, one.iter)
            self._visit_all(one.ifs)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._visit_all(parts)
        self.hidden, self.local_shares = before, shared

    _on_listcomp = _on_setcomp = _on_dictcomp = _on_generatorexp = _comprehension

    def _on_call(self, node: ast.Call) -> None:
        self.visit(node.func)
        given = [*node.args, *(one.value for one in node.keywords)]
        self._visit_all(given)
        self.call(node)

    def _on_global(self, node: ast.Global) -> None:
        self.hidden -= set(node.names)

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)


_JOINED = (
    "loads", "mutates", "may_mutate", "iterated", "attributes", "seeds", "samples", "unseeded",
    "changes", "uses",
)  # fmt: skip


def _is_output(name: str) -> bool:
    return name in ("_", "__", "___", "Out", "_oh") or (name[:1] == "_" and name[1:].isdecimal())


def _leaves(statements: list[ast.stmt]) -> bool:
    last = statements[-1] if statements else None
    return isinstance(last, ast.Raise | ast.Return | ast.Continue | ast.Break)


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(one, ast.Name) and one.id in _HANDLES_MISSING for one in ast.walk(handler.type)
    )
