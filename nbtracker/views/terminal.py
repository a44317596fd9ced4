"""What a terminal would show of a text that moves its cursor: the last state of progress bars."""

import itertools
import re

_TOKEN = re.compile(
    r"(?P<text>[^\n\r\b\x1b\x07]+)"
    r"|(?P<newline>\n)"
    r"|(?P<home>\r+)"
    r"|(?P<back>\x08+)"
    r"|\x1b\[(?P<args>[0-9;:<=>?]{0,64})[ -/]?(?P<act>[@-~])"
    # Titles, links and the clipboard: nothing that is seen.
    r"|\x1b[\]P^_X][^\x07\x1b]{0,65536}(?:\x07|\x1b\\)?"
    r"|\x1b[ -/]?[0-Z\\^-~]?"
    r"|\x07+"
)
_MOVES = re.compile(r"[\r\b\x1b\x07]")
# A hostile text cannot ask for more than this beyond what it says. Units: characters, lines.
_MOST_COLUMN, _MOST_PADDING, _MOST_JUMP = 512, 1_000_000, 100
_MOST_CODES = 8
_BETWEEN = "\0"
_Line = tuple[list[str], list[str]]


def as_shown(text: str, *, colours: bool = True) -> str:
    """Give what is left on a terminal when all of a text was written to it.

    Takes time that grows with the length of the text, and no faster.

    Args:
        text: With carriage returns, backspaces and cursor movements.
        colours: Keep colours; all other commands to the terminal are obeyed or dropped.
    """
    if not _MOVES.search(text):
        return text
    screen = _Screen(colours=colours)
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "text":
            screen.write(token.group())
        elif kind == "newline":
            screen.newline()
        elif kind == "home":
            screen.column = 0
        elif kind == "back":
            screen.column = max(0, screen.column - len(token.group()))
        elif kind == "act":
            screen.obey(token["act"], token["args"])
    return screen.shown()


class _Screen:
    """Lines of characters, each with its colours, and a cursor.

    A line that nobody is in is kept as text, for lists of characters are large.
    """

    def __init__(self, *, colours: bool) -> None:
        self.column = 0
        self._keep_colours = colours
        self._lines: list[str | _Line] = [""]
        self._at = 0
        self._cells: list[str] = []
        self._styles: list[str] = []
        self._is_styled = self._was_left = False
        self._style = ""
        self._padding = _MOST_PADDING

    def write(self, text: str) -> None:
        begin, end, cells = self.column, self.column + len(text), self._cells
        if begin > len(cells):
            n_missing = begin - len(cells)
            self._padding -= n_missing
            cells.extend(" " * n_missing)
        cells[begin:end] = text
        if self._style or self._is_styled:
            self._is_styled = True
            self._styles.extend([""] * (begin - len(self._styles)))
            self._styles[begin:end] = [self._style] * len(text)
        self.column = end

    def newline(self) -> None:
        self._go_to(self._at + 1)
        self.column = 0

    def obey(self, act: str, said: str) -> None:
        """Do what an escape sequence asks for; what is not known is dropped."""
        numbers = [int(part) if part.isdigit() else 0 for part in said[:24].split(";")]
        first = numbers[0]
        if act == "m":
            self._colour(said)
        elif act == "K":
            self._erase(first)
        elif act in "AF":
            self._go_to(max(0, self._at - max(1, first)))
            self.column = 0 if act == "F" else self.column
        elif act in "BE":
            self._go_to(self._at + min(max(1, first), _MOST_JUMP))
            self.column = 0 if act == "E" else self.column
        elif act in "CDG":
            begin = 0 if act == "G" else self.column
            step = max(1, first) * (-1 if act == "D" else 1) - (act == "G")
            self._move(begin + step)
        elif act == "J":
            self._clear(first)
        elif act == "H" and said in ("", "1;1", "1"):
            self._go_to(0)
            self.column = 0

    def shown(self) -> str:
        self._leave()
        return "\n".join(line if isinstance(line, str) else _spelled(line) for line in self._lines)

    def _move(self, column: int) -> None:
        most = max(len(self._cells), _MOST_COLUMN if self._padding > 0 else 0)
        self.column = max(0, min(column, most))

    def _go_to(self, row: int) -> None:
        self._leave()
        while row >= len(self._lines):
            self._lines.append("")
        self._at = row
        line = self._lines[row]
        self._was_left = bool(line)
        if isinstance(line, str):
            self._cells, self._styles, self._is_styled = list(line), [], False
        else:
            (self._cells, self._styles), self._is_styled = line, bool(line[1])

    def _leave(self) -> None:
        # A line that the cursor came back to stays as it is: it may come back often.
        if self._is_styled or self._was_left:
            self._lines[self._at] = self._cells, self._styles
        else:
            self._lines[self._at] = "".join(self._cells)

    def _erase(self, which: int) -> None:
        """Erase the line: behind the cursor, before it, or all of it."""
        if which == 0:
            del self._cells[self.column :], self._styles[self.column :]
            return
        n_cells = len(self._cells) if which == 2 else min(self.column + 1, len(self._cells))
        if which == 2:
            self._cells.clear()
            self._styles.clear()
        else:
            self._cells[:n_cells] = " " * n_cells
            self._styles[:n_cells] = [""] * min(n_cells, len(self._styles))

    def _clear(self, which: int) -> None:
        """Erase the screen: below the cursor, or all of it; what is above is history."""
        if which == 0:
            self._erase(0)
            del self._lines[self._at + 1 :]
        elif which in (2, 3):
            self._cells, self._styles = [], []
            self._is_styled = self._was_left = False
            self._lines, self._at, self.column = [""], 0, 0

    def _colour(self, said: str) -> None:
        if not self._keep_colours:
            return
        if said in ("", "0"):
            self._style = ""
            return
        code = f"\x1b[{said.removeprefix('0;')}m"
        before = "" if said.startswith("0;") else self._style
        codes = [one for one in before.split(_BETWEEN) if one not in ("", code)]
        self._style = _BETWEEN.join([*codes[1 - _MOST_CODES :], code])


def _spelled(line: _Line) -> str:
    """Spell a line with its colours; each ends where it stops."""
    cells, styles = line
    parts, at = [], 0
    for style, group in itertools.groupby(styles):
        n_cells = sum(1 for _ in group)
        said = "".join(cells[at : at + n_cells])
        parts.append(f"{style.replace(_BETWEEN, '')}{said}\x1b[0m" if style else said)
        at += n_cells
    return "".join(parts) + "".join(cells[at:])
