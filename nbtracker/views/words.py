"""Lines that people type, as words: those of magics and of filters."""

import re

from nbtracker.errors import UsageError

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_PIECE = re.compile(r"""\s+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"']""", re.DOTALL)


def words_in(line: str) -> list[str]:
    """Split a line at its blanks, but for those in quotes and brackets; a comment is left out.

    Raises:
        UsageError: A quote or bracket is not closed.
    """
    words, opened, end = [""], "", 0
    for piece in _PIECE.finditer(line):
        text = piece.group()
        if piece.start() != end or (text == "#" and not words[-1] and not opened):
            break
        end = piece.end()
        if text in _CLOSING:
            opened += _CLOSING[text]
        elif opened and opened.endswith(text):
            opened = opened[:-1]
        if text.isspace() and not opened:
            words.append("")
        else:
            words[-1] += text
    if line[end : end + 1] in ("'", '"'):
        raise UsageError(f"a quote is not closed: {line[end:][:40]}")
    if opened:
        raise UsageError(f"a bracket is not closed; {opened[::-1][:5]} is missing")
    return [word for word in words if word]
