"""Where a cell puts what was typed: `d['k']`, `client.token`; found again without running code."""

import ast
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MISSING: Any = object()
_DEEPEST = 8
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


def is_settled(tree: ast.AST, place: Place) -> bool:
    """Whether what a cell puts into a place is there when the cell has ended, for all one can see.

    The names that lead there are bound before, if at all; nothing else is put there, and what
    holds it is given to nothing that may change it.
    """
    set_at, bound_at = [], [(0, 0)]
    names = set(place.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            if not isinstance(node.ctx, ast.Load):
                bound_at.append((node.lineno, node.col_offset))
        elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            if (found := place_of(node)) is None or found.name != place.name:
                continue
            if found != place and not _are_apart(found, place):
                return False
            set_at += [(node.lineno, node.col_offset)] if found == place else []
        elif isinstance(node, ast.Call) and _may_change(node, place.name):
            return False
    return len(set_at) == 1 and max(bound_at) <= set_at[0]


def _are_apart(one: Place, other: Place) -> bool:
    """Whether to set one place leaves the other as it is."""
    for a, b in zip(one.steps, other.steps, strict=False):
        if a != b:
            return a.kind == b.kind != "named item"
    return len(one.steps) > len(other.steps)


def _may_change(call: ast.Call, name: str) -> bool:
    """Whether a call may change what a name is bound to."""
    function = call.func
    if isinstance(function, ast.Name) and function.id in _HARMLESS:
        return False
    if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(function)):
        return True
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return any(isinstance(one, ast.Name) and one.id == name for one in given)


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
