"""What texts quote of cells that are to be forgotten, and the same texts without it."""

import copy
import json
import re
from collections.abc import Collection, Iterable
from typing import Any

from nbtracker.redaction.quoting import ESCAPE, FILE_CELL, GUTTER, TEXT, WORD

FORGOTTEN = "[forgotten]"
# From here on, a line is looked for within others, too; and a text between quotes tells.
LONG, TELLING = 12, 6
_MOST_FORMS = 2_000
_ASCII_WORD = re.compile(r"[A-Za-z0-9_]{3,}")


class Quotes:
    """Knows cells again, and lines of them.

    Args:
        sources: What the cells said.
        ids: Of their executions.
        cell_ids: As the document names them.
        kept: What other cells said, which is not forgotten.
    """

    def __init__(
        self,
        sources: Iterable[str],
        *,
        ids: Iterable[str] = (),
        cell_ids: Iterable[str] = (),
        kept: Iterable[str] = (),
    ) -> None:
        self.sources = frozenset(text for one in sources if (text := one.strip()))
        self.ids, self._cell_ids = frozenset(ids), frozenset(cell_ids)
        self._kept = frozenset(one.strip() for one in kept)
        lines = {line.strip() for one in self.sources for line in one.splitlines()}
        self.lines = frozenset(line for line in lines if WORD.search(line))
        words = (max(_ASCII_WORD.findall(line), key=len, default="") for line in self.lines)
        self._words = {word.encode() for word in words if word}
        long = [line for line in self.lines if len(line) >= LONG]
        forms = sorted({form for line in long for form in _forms(line)}, key=len, reverse=True)
        self._long = re.compile("|".join(map(re.escape, forms[:_MOST_FORMS]))) if forms else None
        self.written = [
            (found[1], body)
            for one in self.sources
            if (found := FILE_CELL.match(one)) and WORD.search(body := one[found.end() :].strip())
        ]

    def of_others(self) -> "Quotes":
        """The same for other kernels: what they have in a cell of the same id may differ."""
        found = copy.copy(self)
        found._cell_ids = frozenset()
        return found

    def also(self, ids: Iterable[str]) -> "Quotes":
        """The same cells, executed by others as well."""
        found = copy.copy(self)
        found.ids = self.ids | frozenset(ids)
        return found

    def may_be_in(self, data: bytes) -> bool:
        """Whether it is worth looking closer."""
        return any(word in data for word in self._words)

    def texts(self) -> list[str]:
        """What stands between quotes in the cells: values that may be found elsewhere."""
        found = (a or b for one in self.sources for a, b in TEXT.findall(one))
        return [text for text in dict.fromkeys(found) if WORD.search(text)]

    def is_source(self, text: str) -> bool:
        """Whether a text is such a cell, or has one in it."""
        plain = text.strip()
        # A line such as an import may well stand in others.
        telling = (one for one in self.sources if "\n" in one or TEXT.search(one))
        return plain in self.sources or any(one in plain for one in telling if len(one) >= LONG)

    def without(self, text: str) -> str:
        """A text that was shown, without the lines that it quotes."""
        if not self.lines:
            return text
        return "".join(map(self._line, text.splitlines(keepends=True)))

    def without_any(self, said: Any) -> Any:
        """The same for all texts of a nested value."""
        if isinstance(said, str):
            return self.without(said)
        if isinstance(said, dict):
            return {key: self.without_any(one) for key, one in said.items()}
        if isinstance(said, list | tuple):
            return [self.without_any(one) for one in said]
        return said

    def _line(self, line: str) -> str:
        plain = ESCAPE.sub("", line).rstrip("\r\n")
        end = line[len(line.rstrip("\r\n")) :]
        gutter = GUTTER.match(plain)
        if gutter is not None and plain[gutter.end() :].strip() in self.lines:
            return gutter.group() + FORGOTTEN + end
        if self._long is not None and self._long.search(plain):
            return self._long.sub(FORGOTTEN, plain) + end
        return line

    def document(self, data: bytes) -> bytes | None:
        """A notebook without these cells, and without what others quote of them.

        Returns:
            None if there is nothing of them in it, or it is no notebook.
        """
        try:
            notebook = json.loads(data)
            cells = notebook["cells"]
            clean = [self._cell(cell) for cell in cells]
            if clean == cells:
                return None
            said = json.dumps({**notebook, "cells": clean}, indent=1, sort_keys=True)
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return said.encode() + b"\n"

    def _cell(self, cell: dict[str, Any]) -> dict[str, Any]:
        source = "".join(cell["source"])
        mine = cell.get("metadata", {}).get("nbtracker", {})
        is_meant = self.is_source(source) or mine.get("execution") in self.ids
        is_edited = cell.get("id") in self._cell_ids and source.strip() not in self._kept
        if is_meant or (is_edited and not mine):
            bare: dict[str, Any] = {"outputs": [], "execution_count": None}
            bare = bare if "outputs" in cell else {}
            return {**cell, **bare, "source": f"# {FORGOTTEN}"}
        return {**cell, "outputs": self.without_any(cell["outputs"])} if "outputs" in cell else cell

    def file(self, data: bytes) -> bytes | None:
        """A file without what such a cell wrote into it; None if there is nothing of that."""
        text = data.decode("utf-8", "surrogateescape")
        for _, body in self.written:
            text = text.replace(body, f"# {FORGOTTEN}")
        clean = text.encode("utf-8", "surrogateescape")
        return clean if clean != data else None

    def patch(self, data: bytes) -> bytes | None:
        """A difference without the lines that such a cell wrote; None if there are none."""
        bodies = {line.strip() for _, body in self.written for line in body.splitlines()}
        lines = data.decode("utf-8", "surrogateescape").split("\n")
        clean = [
            line[0] + FORGOTTEN if line[:1] in ("+", "-", " ") and _is_in(line, bodies) else line
            for line in lines
        ]
        return "\n".join(clean).encode("utf-8", "surrogateescape") if clean != lines else None


def _is_in(line: str, bodies: Collection[str]) -> bool:
    return (said := line[1:].strip()) != "" and said in bodies


def _forms(line: str) -> Collection[str]:
    """How a line may be spelled, as within a text that is shown with its quotes."""
    quoted = line.replace("\\", "\\\\").replace("'", "\\'")
    return {line, repr(line)[1:-1], quoted, json.dumps(line)[1:-1]}
