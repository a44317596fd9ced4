"""The Python of a cell: what is left when IPython's own lines are taken out.

A rule of our own, simpler than IPython's, so that cells can be read where IPython is not.
"""

import ast
import re
from dataclasses import dataclass, field

_LINE_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?P<sign>%|!!?|\?\??)(?P<rest>.*)$")
_ASSIGNED = re.compile(
    r"^(?P<indent>[ \t]*)(?P<names>[^=!%#'\"()\[\]{}]+?)=\s*(?P<sign>%|!)(?P<rest>[^=].*)$"
)
_HELP = re.compile(r"^[ \t]*[\w.]+\?\??[ \t]*$")
_WORD = re.compile(r"[\w.-]+")

# Cell magics whose body is Python of the user's namespace, run once.
_PYTHON_BODIES = frozenset({"time", "timeit", "capture", "tracker", "prun", "wandb"})
# Line magics whose argument is.
_PYTHON_LINES = frozenset({"time", "timeit", "prun"})


@dataclass(frozen=True)
class CellText:
    """A cell as Python.

    Attributes:
        python: Line by line where the cell has them; magics became `pass`.
        magics: Line magics by name, with what stands behind it, in order.
        shell: Shell commands, in order.
        foreign: The cell magic whose body is not Python of the namespace, if there is one.
        before: How many empty lines IPython takes away at the beginning.
    """

    python: str
    magics: list[tuple[str, str]] = field(default_factory=list)
    shell: list[str] = field(default_factory=list)
    foreign: str | None = None
    before: int = 0


def read_cell(source: str) -> CellText:
    """Take the lines out of a cell that are IPython's."""
    text = source.lstrip("\n\r \t") if not source.strip() else source
    lines = text.split("\n")
    before = next((n for n, line in enumerate(lines) if line.strip()), 0)
    head = lines[before] if lines else ""
    found = CellText("", before=before)
    if head.startswith("%%"):
        name, _, rest = head[2:].partition(" ")
        if name not in _PYTHON_BODIES:
            return CellText("", [(name, rest)], foreign=name or "%%", before=before)
        found.magics.append((name, rest))
        lines[before] = ""
    python = "\n".join(_lines(lines, found))
    return CellText(python, found.magics, found.shell, before=before)


def _lines(lines: list[str], found: CellText) -> list[str]:
    """Replace magics and shell commands, but not within a string or brackets."""
    kept: list[str] = []
    inside = _Inside()
    continued = False
    for line in lines:
        if continued:
            kept.append("")
            continued = line.endswith("\\")
            continue
        replaced = None if inside else _replaced(line, found)
        if replaced is None:
            inside.take(line)
            kept.append(line)
        else:
            continued = line.endswith("\\")
            kept.append(replaced)
    return kept


def _replaced(line: str, found: CellText) -> str | None:
    """What stands for a line of IPython's; None for one of Python's."""
    if magic := _LINE_MAGIC.match(line):
        sign, rest = magic["sign"], magic["rest"]
        if sign == "%":
            rest = rest.lstrip("%")
            name = _WORD.match(rest)
            word = name.group() if name else ""
            argument = rest[len(word) :].strip()
            found.magics.append((word, argument))
            return magic["indent"] + _python_of(word, argument, "pass")
        if sign.startswith("!"):
            found.shell.append(rest.strip())
        return magic["indent"] + "pass"
    if magic := _ASSIGNED.match(line):
        if magic["sign"] == "!":
            found.shell.append(magic["rest"].strip())
        else:
            word, _, argument = magic["rest"].partition(" ")
            found.magics.append((word, argument.strip()))
            return f"{magic['indent']}{magic['names']}= {_python_of(word, argument, 'None')}"
        return f"{magic['indent']}{magic['names']}= None"
    return f"{line[: len(line) - len(line.lstrip())]}pass" if _HELP.match(line) else None


def _python_of(word: str, argument: str, otherwise: str) -> str:
    """The Python that a line magic runs, if it can be read."""
    if word not in _PYTHON_LINES:
        return otherwise
    try:
        ast.parse(argument.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return otherwise
    return argument.strip() or otherwise


class _Inside:
    """Whether the next line goes on with a string or a bracket; strings are read roughly."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0

    def __bool__(self) -> bool:
        return bool(self._quote) or self._depth > 0

    def take(self, line: str) -> None:
        """Read one line."""
        at = 0
        while at < len(line):
            char = line[at]
            if self._quote:
                at = self._in_string(line, at)
                continue
            if char == "#":
                break
            if char in "\"'":
                self._quote = char * 3 if line.startswith(char * 3, at) else char
                at += len(self._quote)
                continue
            self._depth += (char in "([{") - (char in ")]}")
            at += 1
        if len(self._quote) == 1:  # a string of one line ends with it
            self._quote = ""
        self._depth = max(self._depth, 0)

    def _in_string(self, line: str, at: int) -> int:
        if line[at] == "\\":
            return at + 2
        if line.startswith(self._quote, at):
            end = at + len(self._quote)
            self._quote = ""
            return end
        return at + 1
