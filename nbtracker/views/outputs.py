"""What one execution showed, as a notebook has it: a fold over its output records."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbtracker.journal.cells import Output
from nbtracker.journal.reader import Damage, JournalReader
from nbtracker.journal.records import dumps
from nbtracker.store.layout import JOURNAL_SUFFIX
from nbtracker.store.links import link_below
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.terminal import as_shown

# `by-7-head` has what execution 7 made of the displays of this one.
HEAD, TAIL, BY = "head", "tail-", "by-"
_NAME = re.compile(rf"(?:{BY}(\d{{1,18}})-)?(?:{HEAD}|{TAIL}(\d{{1,18}}))")


def outputs_of(folder: SessionFolder, number: int) -> list[dict[str, Any]]:
    """Give the outputs of an execution as nbformat has them; never raises.

    What is missing or damaged is named where it stood, as something printed.
    """
    shown = _Shown()
    for by, path in _journals(folder, number):
        _fold(path, shown, shown.update if by else shown.add)
    return shown.outputs()


def _fold(path: Path, shown: "_Shown", take: Callable[[Output], None]) -> None:
    try:
        for item in JournalReader(path).read():
            if isinstance(item, Output):
                take(item)
            elif isinstance(item, Damage):
                shown.say(f"bytes {item.start}-{item.end} of {path.name}: {item.reason}")
    except (OSError, ValueError, RecursionError) as error:
        shown.say(f"{path.name} cannot be read: {error}")


def n_bytes(record: Output) -> int:
    """How much an output shows, which is how far it moves the offset. Units: bytes."""
    size = len(record.text.encode("utf-8", "surrogatepass"))
    return size + (len(dumps(record.data)) if record.data else 0)


def _journals(folder: SessionFolder, number: int) -> Iterator[tuple[int, Path]]:
    """Heads, and then tails in the order they were written, each with the execution they are by.

    Those of the execution itself are first, and by 0.
    """
    place = folder.outputs(number)
    try:
        if link_below(folder.store.path, place):
            return
        found = [path for path in place.iterdir() if path.suffix == JOURNAL_SUFFIX]
    except (OSError, ValueError):
        return
    named = [(said, path) for path in found if (said := _NAME.fullmatch(path.stem))]
    for by, _, path in sorted((int(said[1] or 0), int(said[2] or 0), path) for said, path in named):
        if not path.is_symlink():
            yield by, path


@dataclass
class _Shown:
    """The output area of a cell."""

    _outputs: list[dict[str, Any]] = field(default_factory=list)
    _displays: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _shown_at: dict[str, float] = field(default_factory=dict)
    _end: int = 0
    _clears_next: bool = False

    def add(self, record: Output) -> None:
        """Take in what was shown."""
        if record.offset > self._end:
            n_missing = record.offset - self._end
            self._stream("stdout", f"\n... {n_missing:,} bytes left out ...\n")
        self._end = max(self._end, record.offset + n_bytes(record))
        if record.what == "clear":
            self._clears_next = record.wait
            if not record.wait:
                self._clear()
        elif record.what == "update":
            self._replace(record)
        else:
            if self._clears_next:
                self._clear()
            self._show(record)

    def update(self, record: Output) -> None:
        """Take in what another execution made of a display, unless this one showed it anew."""
        is_older = record.at < self._shown_at.get(record.display_id or "", record.at)
        if record.what == "update" and not is_older:
            self._replace(record)

    def say(self, what: str) -> None:
        """Name what is wrong with the record."""
        self._stream("stderr", f"\n... nbtracker: damaged, {what} ...\n")

    def outputs(self) -> list[dict[str, Any]]:
        """Give everything as it is left."""
        return [
            {**one, "text": as_shown("".join(one["text"]))}
            if one["output_type"] == "stream"
            else one
            for one in self._outputs
        ]

    def _show(self, record: Output) -> None:
        if record.what == "stream":
            self._stream(record.name or "stdout", record.text)
        elif record.what == "error":
            self._outputs.append(_error(record.data))
        elif record.what in ("display", "result"):
            output: dict[str, Any] = {
                "output_type": "display_data",
                "data": dict(record.data),
                "metadata": dict(record.metadata),
            }
            if record.what == "result":
                output |= {"output_type": "execute_result", "execution_count": record.count}
            self._outputs.append(output)
            if record.display_id is not None:
                self._displays.setdefault(record.display_id, []).append(output)
                self._shown_at[record.display_id] = record.at

    def _stream(self, name: str, text: str) -> None:
        last = self._outputs[-1] if self._outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != name:
            last = {"output_type": "stream", "name": name, "text": []}
            self._outputs.append(last)
        last["text"].append(text)

    def _replace(self, record: Output) -> None:
        name = record.display_id or ""
        self._shown_at[name] = record.at
        for output in self._displays.get(name, ()):
            output |= {"data": dict(record.data), "metadata": dict(record.metadata)}

    def _clear(self) -> None:
        self._outputs.clear()
        # Displays that are cleared away can still be updated, and are not seen.
        self._displays.clear()
        self._clears_next = False


def _error(said: dict[str, Any]) -> dict[str, Any]:
    trace = said.get("traceback")
    lines = [str(line) for line in trace] if isinstance(trace, list) else []
    return {
        "output_type": "error",
        "ename": str(said.get("ename", "")),
        "evalue": str(said.get("evalue", "")),
        "traceback": lines,
    }
