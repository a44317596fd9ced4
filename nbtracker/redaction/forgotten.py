"""Cells that their user had forgotten: what is read of them later is not kept either."""

import re
from collections.abc import Iterator

from nbtracker.redaction.quoting import FILE_CELL, GUTTER, TEXT, WORD

_QUOTED = re.compile(rf"^(?:{GUTTER.pattern})(.*)$", re.MULTILINE)
# A shorter text may be that of any file, and of any value. Units: characters.
_LEAST = 20


class ForgottenCells:
    """Finds forgotten cells in what is read after they were: documents, tracebacks, modules.

    A later cell may say the same as a line of them, and is left alone.
    """

    def __init__(self) -> None:
        self._sources: frozenset[str] = frozenset()
        self._lines: frozenset[str] = frozenset()
        self._bodies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._sources)

    def __contains__(self, text: str) -> bool:
        return text.strip() in self._sources

    def add(self, source: str) -> None:
        """Find this one from now on, unless any text may be like it: a name, a number."""
        if source in self or not _tells(source.strip()):
            return
        self._set(self._sources | {source.strip()} - {""})

    def discard(self, source: str) -> None:
        """Find it no more: it was executed again."""
        if source in self:
            self._set(self._sources - {source.strip()})

    def _set(self, sources: frozenset[str]) -> None:
        lines = {line.strip() for one in sources for line in one.splitlines()}
        files = [(one, found) for one in sources if (found := FILE_CELL.match(one))]
        bodies = [one[found.end() :].strip() for one, found in files]
        self._bodies = tuple(one for one in bodies if len(one) >= _LEAST)
        self._lines = frozenset(line for line in lines if WORD.search(line))
        self._sources = sources

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text quotes them, as tracebacks and differences do, or holds what they wrote."""
        if self._lines:
            for found in _QUOTED.finditer(text):
                if found[1].strip() in self._lines:
                    yield found.span(1)
        for body in self._bodies:
            at = text.find(body)
            while at >= 0:
                yield at, at + len(body)
                at = text.find(body, at + len(body))


def _tells(source: str) -> bool:
    if "\n" in source or len(source) >= _LEAST:
        return True
    found = TEXT.search(source)
    return found is not None and found.group() != source
