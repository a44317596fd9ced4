"""The names of a cell: bound for sure or perhaps, read, and sharing objects with others."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from nbtracker.views.cells import effects
from nbtracker.views.cells.flow import Flow
from nbtracker.views.cells.sharing import SCALARS, bound_in, dotted_name, parts_of, root_of

_SURE_METHODS = frozenset(
    "append extend insert pop remove clear update sort reverse add discard setdefault popitem "
    "fill partial_fit fit".split()
)


class Scope:
    """The names of a cell, or of a body within it, as far as its code was read.

    Args:
        modules: What is known to be imported.
        hidden: Names that are local here, and so not the user's namespace's.
    """

    def __init__(self, modules: Mapping[str, str], hidden: Iterable[str] = ()) -> None:
        self.hidden = set(hidden)
        self.modules = {name: of for name, of in modules.items() if name not in self.hidden}
        self.sure: set[str] = set()
        self.maybe: set[str] = set()
        self.sets: dict[str, set[str]] = {}
        self.shares: dict[str, set[str]] = {}
        self.local_shares: dict[str, set[str]] = {}
        self.functions: dict[str, Flow] = {}
        self.imported: dict[str, str] = {}
        self.stars: list[str] = []
        self.opaque: list[str] = []
        self.flags: set[str] = set()
        self._looped: set[str] = set()
        self._branches = 0
        self._guarded = 0

    def flow(self) -> Flow:
        """What was found."""
        got = {name: frozenset(found) for name, found in self.sets.items()}
        return replace(
            Flow(**got),  # type: ignore[arg-type]
            writes=frozenset(self.sure),
            may_write=frozenset(self.maybe - self.sure),
            shares=tuple((name, frozenset(of)) for name, of in self.shares.items()),
            modules=self.imported,
            functions=self.functions,
            stars=tuple(self.stars),
            opaque=tuple(dict.fromkeys(self.opaque)),
            background="background" in self.flags,
            calls="calls" in self.flags,
            seeded="seeded" in self.flags,
            logs="logs" in self.flags,
        )

    def note(self, kind: str, names: Iterable[str]) -> None:
        """Put names that are the namespace's into a set of the flow."""
        self.sets.setdefault(kind, set()).update(names)

    def read(self, name: str) -> None:
        """Note that a name is read here."""
        if name in self.hidden:
            return
        self.note("loads", (name,))
        if name in self.sure:
            return
        unsure = name in self.maybe or self._guarded or (name in self._looped and self._branches)
        self.note("may_read" if unsure else "reads", (name,))

    def bind(self, name: str, value: ast.expr | None = None) -> None:
        """Note that a name is bound here, to what an expression gives."""
        if name in self.hidden:
            self.local_shares[name] = self.roots(value)
            return
        self.sure.add(name)
        self.maybe.add(name)
        self.shares.setdefault(name, set()).update(self.roots(value) - {name})
        for kind in ("deletes", "constants", "iterators"):
            self.sets.get(kind, set()).discard(name)
        if self._branches == 0:
            self.modules.pop(name, None)
        self._bind_kind(name, value)

    def _bind_kind(self, name: str, value: ast.expr | None) -> None:
        if isinstance(value, ast.Constant):
            self.note("constants", (name,))
        elif isinstance(value, ast.GeneratorExp) or (
            isinstance(value, ast.Call) and root_of(value.func) in effects.ITERATORS
        ):
            self.note("iterators", (name,))

    def roots(self, value: ast.expr | None) -> set[str]:
        """Names whose objects may be part of what an expression gives."""
        match value:
            case ast.Name(id=name):
                return set(self.local_shares.get(name, ())) if name in self.hidden else {name}
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                known = dotted_name(value, self.modules)
                return set() if known else self.roots(inner)
            case ast.Call():
                return self._roots_of_call(value)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._roots_within(value.elt, value.generators)
            case ast.DictComp():
                return self._roots_within(value.value, value.generators)
        return self.roots_of(parts_of(value))

    def roots_of(self, parts: Iterable[ast.expr]) -> set[str]:
        """Names whose objects may be part of what any of these gives."""
        return set().union(*(self.roots(part) for part in parts))

    def _roots_within(self, part: ast.expr, loops: list[ast.comprehension]) -> set[str]:
        found = self.roots_of([part, *(one.iter for one in loops)])
        return found - bound_in(one.target for one in loops)

    def _roots_of_call(self, call: ast.Call) -> set[str]:
        given = [*call.args, *(one.value for one in call.keywords)]
        if isinstance(call.func, ast.Attribute):
            if call.func.attr in effects.FRESH_METHODS:
                return set()
            return self.roots_of([call.func.value, *given])
        if isinstance(call.func, ast.Name):
            name = call.func.id
            if name in SCALARS and name not in self.maybe:
                return set()
            known = name in effects.BUILTINS or name in self.modules
            return self.roots_of(given) | (set() if known else self.roots(call.func))
        return self.roots_of([call.func, *given])

    def call(self, node: ast.Call) -> None:
        """Note what a call may do to what it is given, and to the rest of the world."""
        given = [*node.args, *(one.value for one in node.keywords)]
        shared = self.roots_of(given)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name and name in effects.BUILTINS and name not in self.hidden | self.maybe:
            self._call_builtin(name, node, shared)
            return
        dotted = dotted_name(node.func, self.modules)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if dotted is not None:
            method = dotted.rpartition(".")[2]
        self._call(node, method, dotted, shared)

    def _call_builtin(self, name: str, node: ast.Call, shared: set[str]) -> None:
        if name in effects.OPAQUE_BUILTINS and (name != "vars" or not node.args):
            self.opaque.append(f"it calls {name}()")
        elif name in effects.CHANGING_BUILTINS:
            self.note("mutates", self.roots_of(node.args[:1]))
        elif name == "open":
            self.note("uses", (effects.FILES,))
            mode = node.args[1] if len(node.args) > 1 else None
            mode = next((one.value for one in node.keywords if one.arg == "mode"), mode)
            if not (mode is None or (isinstance(mode, ast.Constant) and mode.value in ("r", "rb"))):
                self.note("changes", (effects.FILES,))
        else:
            self.note("iterated", shared)

    def _call(self, node: ast.Call, method: str, dotted: str | None, shared: set[str]) -> None:
        keywords = frozenset(one.arg or "" for one in node.keywords)
        library = effects.GENERATORS.get(dotted or "")
        given = bool(node.args or node.keywords)
        effect = effects.effect_of(dotted, method, keywords)
        if keywords & {"random_state", "seed"} or (library and given):
            self.flags.add("seeded")
        if library and not given:
            self.note("unseeded", (library,))
        self.note("seeds", effect.seeds)
        self.note("samples", effect.samples)
        self.note("changes", effect.changes)
        self.note("uses", effect.uses)
        self.note("attributes", (method,))
        self.flags |= {"calls"} if dotted is None else set()
        self.flags |= {"background"} if effect.background else set()
        self.flags |= {"logs"} if effects.is_log(method, dotted) else set()
        if effect.touches:
            self.note("may_mutate", shared)
        if effect.touches_own:
            own = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            root = {root_of(node.func)} - {"", *self.hidden} if dotted else self.roots(own)
            self.note("mutates" if method in _SURE_METHODS else "may_mutate", root)
