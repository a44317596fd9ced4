"""Small questions about syntax trees: which names are bound in a part, and what roots a chain."""

import ast
from collections.abc import Iterable, Mapping

# Builtins whose result shares nothing with what they are given.
SCALARS = frozenset(
    "len sum abs round int float str bool repr print range isinstance issubclass type any all "
    "hash ord chr format open hasattr callable id input pow divmod bytes ascii bin hex oct "
    "complex display".split()
)

_LISTS = ast.List | ast.ListComp | ast.Tuple
_OWN_SCOPE = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def root_of(node: ast.expr) -> str:
    """The name that a chain of attributes and indices begins with; empty if none does."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def dotted_name(node: ast.expr, modules: Mapping[str, str]) -> str | None:
    """Say where in a module a chain leads; None if it does not begin with one."""
    words: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in modules:
        return None
    return ".".join([modules[node.id], *reversed(words)])


def parts_of(value: ast.expr | None) -> list[ast.expr]:
    """Expressions whose objects an expression only hands on."""
    match value:
        case ast.Starred(value=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
            return [inner]
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.Dict(values=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BinOp(left=one, right=other) if any(isinstance(x, _LISTS) for x in (one, other)):
            return [one, other]
    return []


def bound_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that are bound in these parts, nested functions and classes left out."""
    found: set[str] = set()
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, _OWN_SCOPE):
            continue
        found |= _bound_by(node)
        todo += ast.iter_child_nodes(node)
    return found


def _bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {one.asname or one.name.partition(".")[0] for one in names} - {"*"}
        case ast.ExceptHandler(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchAs(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return {name}
    return set()


def locals_of(arguments: ast.arguments, body: list[ast.stmt]) -> set[str]:
    """Names that are local to a function."""
    given = {one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg)}
    declared = {
        name
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Global)
        for name in node.names
    }
    return given | (bound_in(body) - declared)
