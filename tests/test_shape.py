"""Budgets: what keeps the code small, flat and cheap to import."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nbtracker
from nbtracker import errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nbtracker"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
SOURCE = {path: path.read_text(encoding="utf-8") for path in MODULES + TESTS}
TREE = {path: ast.parse(text) for path, text in SOURCE.items()}
HEAVY = {"numpy", "requests", "IPython", "plotly", "ipywidgets", "tornado", "yaml", "pandas"}
HEAVY |= {"rich", "polars", "pyarrow"}
VAGUE = {"utils", "helpers", "common", "base", "core", "misc", "manager", "service", "engine"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(paths: list[Path]) -> Iterator[tuple[str, Function]]:
    """Every function of these modules, with where it stands."""
    for path in paths:
        for node in ast.walk(TREE[path]):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(node: Function) -> int:
    """Lines of a function, its docstring left out."""
    first = node.body[0]
    prose = 0
    if ast.get_docstring(node, clean=False) is not None:
        prose = (first.end_lineno or first.lineno) - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - prose


def public(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """A module, and the classes, functions and methods a user may name."""
    yield tree
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            if not {"overload", "setter", "deleter"} & decorators(node):
                yield node
            if isinstance(node, ast.ClassDef):
                todo += node.body


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """The last words of a definition's decorators."""
    return {ast.unparse(one).rsplit(".", 1)[-1] for one in node.decorator_list}


def test_modules_are_short() -> None:
    """No module is over 400 lines; half of them are under 150."""
    lines = {str(path.relative_to(ROOT)): SOURCE[path].count("\n") for path in MODULES}
    assert {name: n for name, n in lines.items() if n > 400} == {}
    assert statistics.median(lines.values()) <= 150


def test_functions_are_short() -> None:
    """No function is over 60 lines; 95 of 100 are under 40."""
    lengths = {where: length(node) for where, node in functions(MODULES)}
    assert {where: n for where, n in lengths.items() if n > 60} == {}
    assert statistics.quantiles(lengths.values(), n=20)[-1] <= 40


def test_module_names_say_what_is_inside() -> None:
    """No module is named after nothing in particular."""
    assert {path.stem for path in MODULES} & VAGUE == set()


def test_the_public_surface_is_small_sorted_and_there() -> None:
    """At most 35 names, each of which exists."""
    names = nbtracker.__all__
    assert len(names) <= 35
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(nbtracker, name)] == []


def test_importing_is_cheap() -> None:
    """`import nbtracker` pulls in nothing heavy."""
    code = "import sys, nbtracker; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert HEAVY & set(loaded.split()) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_public_thing_says_what_it_is(path: Path) -> None:
    """Modules, classes, functions and methods have docstrings."""
    bare = [getattr(node, "name", "the module") for node in public(TREE[path]) if not told(node)]
    assert bare == []


def told(node: ast.Module | ast.ClassDef | Function) -> bool:
    """Whether a docstring says something."""
    return bool((ast.get_docstring(node) or "").strip())


def test_every_test_says_what_must_hold() -> None:
    """Each test has a docstring of one sentence."""
    tests = [(where, node) for where, node in functions(TESTS) if node.name.startswith("test_")]
    assert [where for where, node in tests if not told(node)] == []


def test_half_of_the_tests_fit_in_twelve_lines() -> None:
    """Tests are short, so that they can be read."""
    tests = [node for _, node in functions(TESTS) if node.name.startswith("test_")]
    assert statistics.median(length(node) for node in tests) <= 12


def test_mocks_are_rare() -> None:
    """Tests meet the real thing; at most one in twenty replaces a part of it."""
    mock = re.compile(r"\b(?:Mock\(|patch\(|mocker\.|monkeypatch\.setattr)")
    others = [path for path in TESTS if path != Path(__file__)]
    n_tests = sum(node.name.startswith("test_") for _, node in functions(TESTS))
    assert sum(len(mock.findall(SOURCE[path])) for path in others) <= 0.05 * n_tests


@pytest.mark.parametrize(
    ("mark", "per_1000_lines"),
    [("# noqa", 1.0), ("# type: ignore", 3.0), ("TODO", 0.0), ("FIXME", 0.0)],
)
def test_exceptions_to_the_rules_are_rare(mark: str, per_1000_lines: float) -> None:
    """Few lines ask a tool to look away, and none puts work off."""
    n_lines = sum(SOURCE[path].count("\n") for path in MODULES)
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in MODULES
        for n, line in enumerate(SOURCE[path].splitlines(), start=1)
        if mark in line
    ]
    assert len(found) <= per_1000_lines * n_lines / 1000, found


def test_one_place_turns_failures_into_warnings() -> None:
    """Only the guard catches everything."""
    broad = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in ast.walk(TREE[path])
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]
    assert set(broad) == {"errors.py", "notebook/breaker.py", "sdk/guard.py"}


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes any exception and does not raise it again."""
    caught = set() if handler.type is None else set(re.findall(r"\w+", ast.unparse(handler.type)))
    goes_on = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return (handler.type is None or bool(caught & {"Exception", "BaseException"})) and not goes_on


def test_the_error_tree_is_drawn_as_it_is() -> None:
    """The drawing in the docstring and the classes cannot part ways."""
    drawn = re.findall(r"^[│├└─ ]*(Error|\w+Error)\b", errors.__doc__ or "", re.MULTILINE)

    def walk(cls: type[BaseException]) -> list[str]:
        ours = [sub for sub in cls.__subclasses__() if sub.__module__ == errors.__name__]
        below = sorted(ours, key=lambda sub: drawn.index(sub.__name__))
        return [cls.__name__, *(name for sub in below for name in walk(sub))]

    assert drawn == walk(errors.Error)
