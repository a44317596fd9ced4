"""Where a cell puts what was typed: `d['k']`, `client.token`; found again without running code."""

import ast
import inspect
import types
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from nbtracker.redaction.tree import parts_of

MISSING: Any = object()
_DEEPEST = 8
# Each is compared with all others.
_MOST_PUTS = 100
_HARMLESS = frozenset({"print", "len", "str", "repr", "display", "type"})


class Step(NamedTuple):
    """One step from an object to one that it holds.

    Attributes:
        kind: "item" or "attribute"; "named item" where a name of the user's has the key.
        key: Of the item; the name of the attribute, or that which has the key.
    """

    kind: str
    key: str | int


class Place(NamedTuple):
    """An item or an attribute of what a name is bound to.

    Attributes:
        name: Of the user's.
        steps: From what it is bound to.
    """

    name: str
    steps: tuple[Step, ...]

    @property
    def names(self) -> Iterator[str]:
        """The names that lead there."""
        yield self.name
        yield from (str(step.key) for step in self.steps if step.kind == "named item")

    def value(self, names: Mapping[str, Any]) -> Any:
        """What is there by now; `MISSING` if that cannot be told without running code."""
        found = names.get(self.name, MISSING)
        for step in self.steps:
            key = names.get(str(step.key), MISSING) if step.kind == "named item" else step.key
            if found is MISSING or type(key) not in (str, int):
                return MISSING
            found = _attribute(found, key) if step.kind == "attribute" else _item(found, key)
        return found


def place_of(target: ast.AST) -> Place | None:
    """The place that an assignment sets; None if it is no item or attribute of a name's."""
    steps: list[Step] = []
    while len(steps) <= _DEEPEST:
        if isinstance(target, ast.Name):
            return Place(target.id, tuple(reversed(steps))) if steps else None
        step = _step(target)
        if step is None or not isinstance(target, ast.Subscript | ast.Attribute):
            return None
        steps.append(step)
        target = target.value
    return None


def are_settled(root: ast.AST, places: Collection[Place]) -> bool:
    """Whether what a cell puts into places is there when the cell has ended, for all one can see.

    The names that lead there are bound before, if at all; nothing else is put there, and what
    holds it is given to nothing that may change it. The code is gone through once for all places.
    """
    if not places:
        return True
    uses = _uses(root, {name for place in places for name in place.names})
    return all(_is_settled(place, uses) for place in places)


class _Uses(NamedTuple):
    """What a cell does with names: binds them last, sets places in them, may change them."""

    bound: dict[str, tuple[int, int]]
    puts: dict[str, dict[Place, list[tuple[int, int]]]]
    changed: set[str]


def _uses(root: ast.AST, names: AbstractSet[str]) -> _Uses:
    uses = _Uses({}, {name: {} for name in names}, set())
    todo = [(root, False)]
    while todo:
        node, may_change = todo.pop()
        if isinstance(node, ast.Name) and node.id in names:
            if may_change:
                uses.changed.add(node.id)
            if not isinstance(node.ctx, ast.Load):
                at = (node.lineno, node.col_offset)
                uses.bound[node.id] = max(at, uses.bound.get(node.id, at))
        elif isinstance(node, ast.Subscript | ast.Attribute):
            found = None if isinstance(node.ctx, ast.Load) else place_of(node)
            if found is not None and found.name in names:
                at = (node.lineno, node.col_offset)
                uses.puts[found.name].setdefault(found, []).append(at)
        if isinstance(node, ast.Call):
            todo += _parts_of_call(node, may_change)
        else:
            todo += [(one, may_change) for one in parts_of(node)]
    return uses


def _parts_of_call(call: ast.Call, may_change: bool) -> Iterator[tuple[ast.AST, bool]]:
    """What a call is made of, and whether the call may change what a name in it is bound to."""
    function = call.func
    is_harmless = isinstance(function, ast.Name) and function.id in _HARMLESS
    yield function, may_change or not is_harmless
    for one in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield one, may_change or (isinstance(one, ast.Name) and not is_harmless)


def _is_settled(place: Place, uses: _Uses) -> bool:
    puts = uses.puts[place.name]
    if place.name in uses.changed or len(puts) > _MOST_PUTS or len(puts[place]) != 1:
        return False
    bound_last = max(uses.bound.get(name, (0, 0)) for name in place.names)
    apart = all(found == place or _are_apart(found, place) for found in puts)
    return apart and bound_last <= puts[place][0]


def _are_apart(one: Place, other: Place) -> bool:
    """Whether to set one place leaves the other as it is."""
    for a, b in zip(one.steps, other.steps, strict=False):
        if a != b:
            return a.kind == b.kind != "named item"
    return len(one.steps) > len(other.steps)


def _step(target: ast.AST) -> Step | None:
    if isinstance(target, ast.Attribute):
        return Step("attribute", target.attr)
    if not isinstance(target, ast.Subscript):
        return None
    key = target.slice
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
        number = key.operand.value if isinstance(key.operand, ast.Constant) else None
        return Step("item", -number) if type(number) is int else None
    if isinstance(key, ast.Name):
        return Step("named item", key.id)
    if isinstance(key, ast.Constant) and isinstance(key.value, str | int):
        return Step("item", key.value)
    return None


def _item(of: Any, key: Any) -> Any:
    """An item of a dict or list, past whatever its class makes of asking for one."""
    try:
        if isinstance(of, dict):
            return dict.__getitem__(of, key)
        return list.__getitem__(of, key) if isinstance(of, list) else MISSING
    except (LookupError, TypeError):
        return MISSING


def _attribute(of: Any, name: Any) -> Any:
    found = inspect.getattr_static(of, name, MISSING)
    if isinstance(found, types.MemberDescriptorType):
        try:
            return found.__get__(of, type(of))
        except (AttributeError, TypeError):
            return MISSING
    return found
