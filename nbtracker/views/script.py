"""Cells as one Python file, in the percent format that editors know, which always compiles."""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from nbtracker.views.cells.naming import LOST, how_lost
from nbtracker.views.cells.text import read_cell
from nbtracker.views.magic_lines import END, is_run_of_cell, python_of
from nbtracker.views.session import Execution

_NEWLINE = re.compile(r"\r\n|\r|\n")  # Python's own; str.splitlines knows more
_UNCOMPILABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_TRACKER = re.compile(
    r"(?P<indent>[ \t]*)(?P<assigned>[A-Za-z_][\w., \t]*=[ \t]*)?%{1,2}tracker[ \t]+(?P<rest>.*)"
)
_ABOUT = """\
# The cells as they were executed, in order: [number] is the execution's.
# Lines of %tracker are Python that does the same. Others that only IPython understands are
# comments, and so are cells that do not compile.
"""


@dataclass
class _Part:
    """What stands for one execution.

    Attributes:
        head: The line that begins it.
        source: The cell.
        lines: The Python of it.
        features: What it imports of the future, which a file does at its beginning.
        tracks: Whether lines of `%tracker` became Python, which needs nbtracker.
    """

    head: str
    source: str
    lines: list[str]
    features: frozenset[str] = frozenset()
    tracks: bool = False

    def give_up(self) -> None:
        """Keep it as comments alone."""
        said = ["# (this cell does not compile by itself in a file)"]
        self.lines = said + [_comment(line) for line in _NEWLINE.split(self.source)]
        self.features = frozenset()
        self.tracks = False


def script_of(executions: Iterable[Execution]) -> str:
    """Write executed cells as one `.py` file in percent format.

    What is left of skipped and forgotten ones is the line that begins them. The file compiles,
    whatever the cells are.
    """
    parts = [_part(one) for one in executions]
    for _ in range(len(parts) + 1):
        text, starts = _joined(parts)
        line = _broken_at(text)
        if line is None:
            return text
        # Cells can be at odds with each other: `global x` after x was bound by another one.
        guilty = sum(start <= line for start in starts) - 1
        for part in parts[guilty : guilty + 1] if guilty >= 0 else parts:
            part.give_up()
    return text


def without_source(one: Execution) -> str | None:
    """Say why there is no source of an execution; None if there is."""
    if one.source is not None:
        return None
    how = how_lost(one)
    return how if how == LOST else f"{how}, as its user asked"


def _joined(parts: list[_Part]) -> tuple[str, list[int]]:
    """The file, and the line that each part begins at."""
    features = sorted(frozenset[str]().union(*(part.features for part in parts)))
    first = f"from __future__ import {', '.join(features)}\n" if features else ""
    first += "import nbtracker\n" if any(part.tracks for part in parts) else ""
    text = [_ABOUT + first]
    starts, n_lines = [], text[0].count("\n")
    for part in parts:
        lines = ["", part.head, *part.lines]
        starts.append(n_lines + 1)
        n_lines += len(lines)
        text.append("\n".join(lines) + "\n")
    return "".join(text), starts


def _part(one: Execution) -> _Part:
    if reason := without_source(one):
        return _Part(_head(one), "", [f"# {reason}"])
    source = one.source or ""
    part = _Part(_head(one), source, [])
    text = "\n".join(_NEWLINE.split(source)).rstrip("\n")
    for rewritten in (str, textwrap.dedent, _as_python, _without_magics):
        candidate = rewritten(text)
        tree = _tree(candidate)
        if tree is not None and (features := _features(tree)) is not None:
            part.lines, part.features = _hoisted(candidate, features), frozenset(features)
            part.tracks = rewritten is _as_python and candidate != _without_magics(text)
            return part
    part.give_up()
    return part


def _head(one: Execution) -> str:
    # No time, no name and no end of it: the same code is to be the same file.
    # Nor the prompt, for that differs where somebody looked at things in between.
    return f"# %% #{one.number}"


def _as_python(text: str) -> str:
    """Turn lines of `%tracker` into Python that does the same, and others into comments."""
    cell = read_cell(text)
    lines, python = text.split("\n"), cell.python.split("\n")
    if cell.foreign is not None or len(lines) != len(python):
        return _without_magics(text)
    written, n, ends = list[str](), 0, False
    while n < len(lines):
        last = n
        # One that is Python's is a part of a string.
        found = _TRACKER.match(lines[n]) if lines[n] != python[n] else None
        while found is not None and lines[last].endswith("\\") and last + 1 < len(lines):
            last += 1
        said = lines[n : last + 1]
        n = last + 1
        if found is not None:
            rest = " ".join([found["rest"], *said[1:]]).replace("\\ ", " ")
            ends = ends or is_run_of_cell(rest)
            if (same := python_of(rest)) is not None:
                comments = [f"{found['indent']}{_comment(line.strip())}" for line in said]
                said = [*comments, f"{found['indent']}{found['assigned'] or ''}{same}"]
        written += said
    return _without_magics("\n".join([*written, *([END] if ends else [])]))


def _without_magics(text: str) -> str:
    """Turn lines of IPython into comments, with `pass` where a block needs a statement."""
    cell = read_cell(text)
    lines, python = text.split("\n"), cell.python.split("\n")
    if cell.foreign is not None or len(lines) != len(python):
        return "\n".join(map(_comment, lines))
    return "\n".join(map(_translated, lines, python))


def _translated(line: str, python: str) -> str:
    if line == python:
        return line
    if python in {"", "pass"}:
        return _comment(line)
    return f"{python}  {_comment(line.strip())}"


def _features(tree: ast.Module) -> dict[str, range] | None:
    """What is imported of the future, and in which lines; None if other things are in them too."""
    found: dict[str, range] = {}
    others: set[int] = set()
    for node in tree.body:
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            found |= {alias.name: lines for alias in node.names}
        else:
            others |= {lines[0], lines[-1]}
    return None if any(others & set(lines) for lines in found.values()) else found


def _hoisted(text: str, features: dict[str, range]) -> list[str]:
    """Take out what has to stand at the beginning of a file."""
    inside = {line for lines in features.values() for line in lines}
    return [
        _comment(line) if n in inside else line for n, line in enumerate(text.split("\n"), start=1)
    ]


def _comment(line: str) -> str:
    clean = line.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    return f"# {clean}".rstrip()


def _tree(text: str) -> ast.Module | None:
    """Parse what compiles in a file of its own, or else None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(tree, "<cell>", "exec", dont_inherit=True)
    except _UNCOMPILABLE:
        return None
    return tree


def _broken_at(text: str) -> int | None:
    """The line at which a file does not compile; None if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<cells>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0
    except _UNCOMPILABLE:
        return 0
    return None
