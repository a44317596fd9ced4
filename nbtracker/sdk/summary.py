"""`run.summary`: the value that stands for each metric, readable and settable."""

import copy
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from nbtracker.errors import UsageError
from nbtracker.sdk.values import jsonable

Read = Callable[[], dict[str, Any]]
Change = Callable[[tuple[str, ...], Any], None]
Delete = Callable[[tuple[str, ...]], None]


class Summary(Mapping[str, Any]):
    """A mapping, also by attribute; nested ones can be set: `summary["val"]["acc"] = 1`.

    What is set by hand stays: `log` no longer changes it. A deleted key comes back when it
    is logged again. Readable after the run has ended.

    Args:
        read: Gives the whole summary, as nested dicts that are never changed.
        change: Records that a path of keys was set.
        delete: Records that a path of keys was deleted.
        path: The keys above this part of the summary.
    """

    __slots__ = ("_change", "_delete", "_path", "_read")

    def __init__(
        self, read: Read, change: Change, delete: Delete, path: tuple[str, ...] = ()
    ) -> None:
        for name, value in (
            ("_read", read), ("_change", change), ("_delete", delete), ("_path", path),
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    def _tree(self) -> dict[str, Any]:
        tree: Any = self._read()
        for key in self._path:
            tree = tree.get(key) if isinstance(tree, dict) else None
        return tree if isinstance(tree, dict) else {}

    def __getitem__(self, key: str) -> Any:
        """Return a value; a nested dict is a summary of its own.

        Raises:
            KeyError: There is none of that name.
        """
        return self._given(key, self._tree()[key])

    def __setitem__(self, key: object, value: Any) -> None:
        """Set a value by hand."""
        self._change((*self._path, _checked(key)), jsonable(value))

    def __delitem__(self, key: str) -> None:
        """Remove a value, until it is logged again."""
        self._delete((*self._path, _checked(key)))

    def __getattr__(self, name: str) -> Any:
        """Return a value that is read as an attribute."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(
                f"the summary has no {name!r}; it has: {', '.join(self) or 'nothing yet'}"
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a value by hand."""
        self[name] = value

    def __delattr__(self, name: str) -> None:
        """Remove a value, until it is logged again."""
        del self[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(self._tree())

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._tree())

    def keys(self) -> KeysView[str]:
        """Give the keys, as they are now."""
        return dict.fromkeys(self._tree()).keys()

    def values(self) -> ValuesView[Any]:
        """Give the values, as they are now."""
        return self._read_once().values()

    def items(self) -> ItemsView[str, Any]:
        """Give keys and values, as they are now."""
        return self._read_once().items()

    def _read_once(self) -> dict[str, Any]:
        return {key: self._given(key, value) for key, value in self._tree().items()}

    def _given(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return Summary(self._read, self._change, self._delete, (*self._path, key))
        return copy.deepcopy(value)

    def update(
        self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), **more: Any
    ) -> None:
        """Set several values by hand; nested dicts are merged, not replaced."""
        for key, value in {**dict(values), **more}.items():
            if isinstance(value, Mapping) and value:
                kept = jsonable(value)  # cuts what contains itself
                path = (*self._path, _checked(key))
                below = Summary(self._read, self._change, self._delete, path)
                if isinstance(kept, dict):
                    below.update(kept)
            else:
                self[key] = value

    def as_dict(self) -> dict[str, Any]:
        """Give a copy, as nested dicts."""
        return copy.deepcopy(self._tree())

    def _repr_html_(self) -> str:
        from nbtracker.screen import html
        from nbtracker.views.catalogue.facts import flat

        return html.table(("name", "value"), flat(self.as_dict()).items(), caption="summary")

    def __repr__(self) -> str:
        """Show the values."""
        return repr(self._tree())[:2000]


def _checked(key: object) -> str:
    if not isinstance(key, str) or not key:
        raise UsageError(f"a summary key must be text, not {key!r}")
    return key
