"""Cells that ask for secrets: whether they do, and where what was typed is to be found."""

import ast
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nbtracker.redaction.places import Place, are_settled, place_of
from nbtracker.redaction.tree import DEFINITIONS, Tree, executed, pairs, times_bound

# Longer cells are judged by their words alone: parsing takes about a millisecond for 1 kB.
LONGEST = 4 * 1024
_MOST_ASKERS, _MOST_NODES, _MOST_CALLS, _ROUNDS = 500, 2_000, 100, 4
# Who asks for more than that at once does not do so by hand.
MOST_PLACES = 20
# How many calls are looked at, again and again where functions are within functions.
_MOST_LOOKS = 10_000
_SURE = frozenset({"getpass", "get_secret", "ask_password", "prompt_password"})
# Ask for a secret if what they say does.
_MAYBE = frozenset({"input", "raw_input", "prompt", "ask"})
_ASKING_MODULES = frozenset({
    "builtins", "click", "typer", "prompt_toolkit", "inquirer", "questionary", "console", "getpass",
})  # fmt: skip
_HIDING = frozenset({"hide_input", "password", "is_password"})
_MAKING = frozenset({"__init__", "__post_init__", "__new__", "__call__", "__enter__"})
_SAYS_SECRET = re.compile(
    r"passw|passphrase|secret|token(?!s|iz)|credential|(?<![a-z])pin(?![a-z])"
    r"|(?<!any )(?<!enter )(?<!return )(?<![a-z])keys?(?![a-z])|apikey|hide_input",
    re.IGNORECASE,
)
_HINTS = ("passw", "passphrase", "secret", "token", "credential", "pin", "key", "hide_input")
# Each begins with its word, which is looked for quickly.
_WORDS = tuple(
    (word, re.compile(rf"{word}(?<!\w{word})\b")) for word in sorted(_SURE | _MAYBE | {"userdata"})
)
_SURE_CALL = re.compile(
    r"(?:getpass|get_secret|ask_password|prompt_password|userdata\.get)\s{0,9}\("
)
_MAYBE_CALL = re.compile(r"(?:input|prompt|ask)(?<!\wask)\s{0,9}\(([^\n]{0,200})")
_NOT_PYTHON = re.compile(
    r"\s*%%(?:writefile|file|bash|sh|cmd|html|HTML|javascript|js|latex|markdown|svg|SVG|perl|ruby)\b"
)
_MAGIC = re.compile(r"^([ \t]*)((?:[\w, ]{1,80}=[ \t]*)?[%!?][^\n]*|[^\n]*\?[ \t]*)$", re.MULTILINE)
# A function's first line, and what is indented below it.
_DEFINED = re.compile(
    r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)([^\n]*(?:\n(?:\1[ \t]+[^\n]*|[ \t]*$))*)",
    re.MULTILINE,
)
_LOOPS = (
    ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_BINDINGS = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
_NAMING = (*DEFINITIONS, *_BINDINGS, ast.ClassDef, ast.ImportFrom)


class Asked(NamedTuple):
    """What a cell asks for.

    Attributes:
        asks: Whether it asks for a secret.
        names: Names that it binds to what was typed.
        variables: Variables of the environment that it sets to what was typed.
        places: Items and attributes that it sets to what was typed; see `redaction.places`.
        resolvable: Whether those hold all of it when the cell has ended.
    """

    asks: bool = False
    names: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    resolvable: bool = True
    places: tuple[Place, ...] = ()


_UNKNOWN = Asked(asks=True, resolvable=False)


class Asking:
    """Says of one cell after the other whether it asks for a secret.

    It remembers the functions that do, so a later cell that calls one asks, too.
    """

    def __init__(self) -> None:
        # Name to whether it gives what was typed as it is; methods begin with a dot.
        self._askers: dict[str, bool] = {}
        self._said: dict[int, bool] = {}
        self._n_nodes = self._n_looks = 0

    def asked(self, source: str) -> Asked:
        """Say what a cell asks for; never raises, and takes long for no text."""
        known = [name for name in self._askers if name.lstrip(".") in source]
        words = {word for word, found in _WORDS if word in source and found.search(source)}
        if not (words or known) or _NOT_PYTHON.match(source):
            return Asked()
        lower = source.lower()
        if not (known or words - _MAYBE or any(hint in lower for hint in _HINTS)):
            return Asked()
        if len(source) > LONGEST:
            self._remember_by_words(source)
            return self._by_words(source, known)
        tree = _parsed(source)
        left_out = ""
        if tree is None:
            left_out = "\n".join(found.group(2) for found in _MAGIC.finditer(source))
            tree = _parsed(_MAGIC.sub(r"\1pass", source))
        try:
            if tree is None or _is_called(left_out):
                return self._by_words(source, known)
            self._said, self._n_nodes, self._n_looks = {}, 0, 0
            walked = Tree(tree)
            self._remember(walked)
            return self._read(walked)
        except RecursionError:
            return self._by_words(source, known)

    def _by_words(self, source: str, known: Iterable[str]) -> Asked:
        names = "|".join(re.escape(name.lstrip(".")) for name in known)
        calls = bool(names) and re.search(rf"\b(?:{names})\b", source) is not None
        return _UNKNOWN if calls or _is_called(source) else Asked()

    def _remember_by_words(self, source: str) -> None:
        """Note which functions of a long cell ask, as far as words can tell."""
        for found in _DEFINED.finditer(source):
            if _is_called(found[3]):
                self._note(f".{found[2]}" if found[1] else found[2], plain=False)

    def _remember(self, tree: Tree) -> None:
        """Note which functions ask, and which names are given to such functions."""
        nodes = [one for one in tree.nodes if isinstance(one, _NAMING)]
        methods = {
            id(one): node.name
            for node in nodes
            if isinstance(node, ast.ClassDef)
            for one in node.body
        }
        for _ in range(_ROUNDS):  # one may call another that is defined below it
            before = dict(self._askers)
            for node in nodes:
                if isinstance(node, DEFINITIONS):
                    self._define(node, methods.get(id(node)), tree)
                elif isinstance(node, ast.ImportFrom):
                    for alias in node.names:
                        if alias.asname and (alias.name in _SURE or alias.name in self._askers):
                            self._note(alias.asname, plain=True)
                elif isinstance(node, _BINDINGS):
                    self._name(node, tree)
            if before == self._askers:
                break

    def _asked_in(self, part: ast.AST, tree: Tree) -> list[ast.Call]:
        """The calls in a piece of code that ask."""
        return [one for one in tree.calls_within(part) if self._asks(one)]

    def _define(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None, tree: Tree
    ) -> None:
        n_asked = sum(len(self._asked_in(part, tree)) for part in node.body)
        *before, last = node.body
        plain = (
            n_asked == 1
            and isinstance(last, ast.Return)
            and all(isinstance(one, ast.Expr | ast.Import | ast.ImportFrom) for one in before)
            and self._is_plain(last.value)
        )
        if n_asked:
            self._note(node.name if owner is None else f".{node.name}", plain=plain)
            if owner is not None and node.name in _MAKING:
                self._note(owner, plain=False)
        elif owner is None:
            self._askers.pop(node.name, None)

    def _name(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, tree: Tree) -> None:
        """A name may be given to a function that asks, or to a new one without a name."""
        for target, value in pairs(node):
            if isinstance(target, ast.Name) and isinstance(value, ast.Lambda):
                if self._asked_in(value.body, tree):
                    self._note(target.id, plain=self._is_plain(value.body))
            elif isinstance(target, ast.Name) and self._gives(value) is not None:
                self._note(target.id, plain=bool(self._gives(value)))

    def _note(self, name: str, *, plain: bool) -> None:
        if len(self._askers) < _MOST_ASKERS or name in self._askers:
            self._askers[name] = plain

    def _gives(self, function: ast.AST) -> bool | None:
        """Whether a function gives what was typed as it is; None if it is not known to ask."""
        if isinstance(function, ast.Name):
            return True if function.id in _SURE else self._askers.get(function.id)
        if isinstance(function, ast.Attribute):
            base = function.value
            of = base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
            if function.attr in _SURE or (of == "userdata" and function.attr == "get"):
                return True
            return self._askers.get(f".{function.attr}")
        return None

    def _asks_itself(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        if self._gives(node.func) is not None:
            return True
        function = node.func
        if isinstance(function, ast.Attribute):
            base, is_hidden = function.value, any(one.arg in _HIDING for one in node.keywords)
            is_known = isinstance(base, ast.Name) and base.id in _ASKING_MODULES
            return function.attr in _MAYBE and (is_hidden or (is_known and self._says(node)))
        return isinstance(function, ast.Name) and function.id in _MAYBE and self._says(node)

    def _asks(self, node: ast.AST) -> bool:
        """Whether a piece of code is a call that asks, or that is given a function to call."""
        if not isinstance(node, ast.Call):
            return False
        self._n_looks += 1
        if self._n_looks > _MOST_LOOKS:
            raise RecursionError("too many functions within functions")
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return self._asks_itself(node) or any(self._gives(one) is not None for one in given)

    def _says(self, call: ast.Call) -> bool:
        """Whether the words of a question are about a secret."""
        if id(call) not in self._said:
            self._said[id(call)] = any(
                _SAYS_SECRET.search(text)
                for part in (*call.args, *call.keywords)
                for text in self._texts(part)
            )
        return self._said[id(call)]

    def _texts(self, part: ast.AST) -> Iterator[str]:
        for one in ast.walk(part):
            self._n_nodes += 1
            if self._n_nodes > _MOST_NODES:
                raise RecursionError("too many questions within questions")
            for name in ("value", "id", "attr", "arg"):
                if isinstance(text := getattr(one, name, None), str):
                    yield text

    def _is_plain(self, value: ast.AST | None) -> bool:
        """Whether a value is what was typed, if anything was, but for blanks around it."""
        if isinstance(value, ast.Call):
            function = value.func
            if isinstance(function, ast.Attribute) and function.attr in ("strip", "rstrip"):
                return not value.args and self._is_plain(function.value)
            return self._asks_itself(value) and self._gives(function) is not False
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            return self._is_plain(value.values[-1])
        if isinstance(value, ast.IfExp):
            return self._is_plain(value.body) or self._is_plain(value.orelse)
        return isinstance(value, ast.NamedExpr) and self._is_plain(value.value)

    def _read(self, tree: Tree) -> Asked:
        """Find what a cell itself asks for, and what it does with it."""
        asked: set[int] = set()
        found: set[int] = set()
        names: dict[str, None] = {}
        variables: dict[str, None] = {}
        places: dict[Place, None] = {}
        todo = [(tree.root, False)]
        while todo:
            node, is_repeated = todo.pop()
            is_repeated |= isinstance(node, _LOOPS)
            if self._asks(node):
                asked.add(id(node))
            for target, value in pairs(node) if isinstance(node, _BINDINGS) else ():
                if is_repeated or not self._is_plain(value):
                    continue
                calls = [id(one) for one in self._asked_in(value, tree)]
                if isinstance(target, ast.Name):
                    names[target.id] = None
                elif (variable := _variable(target)) is not None:
                    variables[variable] = None
                elif (place := place_of(target)) is not None:
                    places[place] = None
                else:
                    continue
                # Of several within one another, one was shown to the other.
                found.update(calls if len(calls) == 1 else ())
            todo += ((one, is_repeated) for one in executed(node))
        resolvable = (
            asked <= found
            and len(names) + len(variables) + len(places) <= MOST_PLACES
            and all(n <= 1 for n in times_bound(tree.root, names.keys()).values())
            and are_settled(tree.root, places.keys())
        )
        return Asked(
            bool(asked), tuple(sorted(names)), tuple(sorted(variables)), resolvable, tuple(places)
        )


def _is_called(source: str) -> bool:
    """Whether a text seems to ask for a secret, as far as words can tell."""
    if _SURE_CALL.search(source):
        return True
    asked = list(itertools.islice(_MAYBE_CALL.finditer(source), _MOST_CALLS))
    return len(asked) == _MOST_CALLS or any(_SAYS_SECRET.search(one.group(1)) for one in asked)


def _variable(target: ast.AST) -> str | None:
    """The variable of the environment that is set by an assignment to this."""
    if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Constant):
        return None
    place, name = target.value, target.slice.value
    of = place.id if isinstance(place, ast.Name) else getattr(place, "attr", "")
    return name if of == "environ" and isinstance(name, str) else None


def _parsed(source: str) -> ast.AST | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
