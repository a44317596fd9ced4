"""The tree of a cell's code, walked through once: each question about it is answered from that."""

import ast
import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Tree:
    """The pieces of a cell's code in the order in which they stand there.

    Args:
        root: What was parsed.

    Attributes:
        root: What was parsed.
        nodes: All its pieces, each before what it is made of.
        calls: Those that are calls.
    """

    def __init__(self, root: ast.AST) -> None:
        self.root = root
        self.nodes: list[ast.AST] = []
        self.calls: list[ast.Call] = []
        self._at: dict[int, int] = {}
        self._calls_at: list[int] = []
        parents: list[int] = []
        todo = [(root, 0)]
        while todo:
            node, parent = todo.pop()
            at = len(self.nodes)
            self.nodes.append(node)
            parents.append(parent)
            self._at[id(node)] = at
            if isinstance(node, ast.Call):
                self.calls.append(node)
                self._calls_at.append(at)
            todo += [(one, at) for one in reversed(parts_of(node))]
        self._ends = list(range(1, len(parents) + 1))
        for at in range(len(parents) - 1, 0, -1):
            self._ends[parents[at]] = max(self._ends[parents[at]], self._ends[at])

    def calls_within(self, node: ast.AST) -> Iterator[ast.Call]:
        """The calls that a piece is made of, itself included."""
        at = self._at[id(node)]
        first = bisect.bisect_left(self._calls_at, at)
        last = bisect.bisect_left(self._calls_at, self._ends[at])
        return iter(self.calls[first:last])


def parts_of(node: ast.AST) -> list[ast.AST]:
    """What a piece of code is made of, without signs that have no parts of their own."""
    found: list[ast.AST] = []
    for name in node._fields:
        part = getattr(node, name, None)
        if isinstance(part, list):
            found += [one for one in part if isinstance(one, ast.AST)]
        elif isinstance(part, ast.AST) and part._fields:
            found.append(part)
    return found


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a piece of code runs: the bodies of functions do not."""
    if isinstance(node, (*DEFINITIONS, ast.Lambda)):
        yield from node.args.defaults
        yield from (one for one in node.args.kw_defaults if one is not None)
        yield from () if isinstance(node, ast.Lambda) else node.decorator_list
    else:
        yield from parts_of(node)


def pairs(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What is bound to what."""
    value = node.value
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if (
            isinstance(target, ast.Tuple | ast.List)
            and isinstance(value, ast.Tuple | ast.List)
            and len(target.elts) == len(value.elts)
            and not any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts))
        ):
            yield from zip(target.elts, value.elts, strict=True)
        elif value is not None:
            yield target, value


def times_bound(node: ast.AST, names: AbstractSet[str]) -> Counter[str]:
    """How often each of some names is bound at most, one after the other."""
    if not names:
        return Counter()
    if isinstance(node, ast.Name):
        is_bound = node.id in names and not isinstance(node.ctx, ast.Load)
        return Counter([node.id]) if is_bound else Counter()
    if isinstance(node, ast.If):
        either = _bound_in(node.body, names) | _bound_in(node.orelse, names)
        return times_bound(node.test, names) + either
    if isinstance(node, ast.Try) and len(node.body) == 1:
        most = _bound_in(node.body, names)
        for one in node.handlers:
            most |= _bound_in(one.body, names)
        return most + _bound_in(node.orelse, names) + _bound_in(node.finalbody, names)
    return _bound_in(executed(node), names)


def _bound_in(nodes: Iterable[ast.AST], names: AbstractSet[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in nodes:
        if one := times_bound(node, names):
            found.update(one)
    return found
