"""What the user typed in secret while a cell ran, found where the cell put it."""

import os
from collections.abc import Mapping
from typing import Any

from nbtracker.redaction import Redactor
from nbtracker.redaction.asking import Asked


class Typed:
    """The secrets that one cell asks for.

    Args:
        asked: Where the cell puts them.
        names: The user's namespace.
        redactor: Learns them.
    """

    def __init__(self, asked: Asked, names: Mapping[str, Any], redactor: Redactor) -> None:
        self._asked, self._names, self._redactor = asked, names, redactor
        self._before = self._bound()
        self._is_known = False
        self._learned: set[str] = set()

    def is_known(self, *, ended: bool = False) -> bool:
        """Learn what is there by now; say whether that is all of it.

        Args:
            ended: Whether the cell has ended: what it did not bind anew then was not typed anew.
        """
        found = self._bound()
        for value in found:
            if isinstance(value, str) and value not in self._learned:
                self._redactor.learn(value)
                self._learned.add(value)
        if self._asked.resolvable and found:
            self._is_known |= all(
                isinstance(value, str) and (ended or value is not before)
                for value, before in zip(found, self._before, strict=True)
            )
        return self._is_known

    def _bound(self) -> list[Any]:
        return [
            *(self._names.get(name) for name in self._asked.names),
            *(os.environ.get(name) for name in self._asked.variables),
            *(place.value(self._names) for place in self._asked.places),
        ]
