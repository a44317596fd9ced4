"""Many paths of keys, and which of them are above or below another.

What costs the length of a path here would cost the number of all paths if they were compared.
"""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

Held = TypeVar("Held")
Path = tuple[str, ...]

# No key is called so: keys are text.
_HERE = 0


class PathTree(Generic[Held]):
    """Paths, and what each of them holds."""

    def __init__(self) -> None:
        self._tree: dict[Any, Any] = {}

    def put(self, path: Path, held: Held) -> None:
        """Let a path hold this, and nothing else."""
        tree = self._tree
        for key in path:
            tree = tree.setdefault(key, {})
        tree[_HERE] = held

    def above(self, path: Path) -> Iterator[tuple[int, Held]]:
        """Yield what the beginnings of a path hold, the shortest first, with their lengths."""
        tree = self._tree
        for n, key in enumerate(path):
            if _HERE in tree:
                yield n, tree[_HERE]
            tree = tree.get(key, _NOTHING)
            if not tree:
                return

    def through(self, path: Path) -> Iterator[Held]:
        """Yield what the beginnings of a path hold, and what it holds itself."""
        for _, held in self.above((*path, "")):
            yield held

    def remove(self, path: Path) -> list[Held]:
        """Forget a path and all below it; return what they held."""
        tree = self._tree
        for key in path[:-1]:
            tree = tree.get(key, _NOTHING)
        found: list[Held] = []
        todo = [tree.pop(path[-1], _NOTHING)] if tree else []
        while todo:
            for key, below in todo.pop().items():
                if key == _HERE:
                    found.append(below)
                else:
                    todo.append(below)
        return found


_NOTHING: dict[Any, Any] = {}
