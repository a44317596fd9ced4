"""What one execution showed, as a notebook has it: a fold over its output records."""

from collections.abc import Iterator
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

HEAD, TAIL = "head", "tail-"


def outputs_of(folder: SessionFolder, number: int) -> list[dict[str, Any]]:
    """Give the outputs of an execution as nbformat has them; never raises.

    What is missing or damaged is named where it stood, as something printed.
    """
    shown = _Shown()
    for path in _journals(folder, number):
        _fold(path, shown)
    return shown.outputs()


def _fold(path: Path, shown: "_Shown") -> None:
    try:
        for item in JournalReader(path).read():
            if isinstance(item, Output):
                shown.add(item)
            elif isinstance(item, Damage):
                shown.say(f"bytes {item.start}-{item.end} of {path.name}: {item.reason}")
    except (OSError, ValueError, RecursionError) as error:
        shown.say(f"{path.name} cannot be read: {error}")


def n_bytes(record: Output) -> int:
    """How much an output shows, which is how far it moves the offset. Units: bytes."""
    size = len(record.text.encode("utf-8", "surrogatepass"))
    return size + (len(dumps(record.data)) if record.data else 0)


def _journals(folder: SessionFolder, number: int) -> Iterator[Path]:
    """The head, and then the tails in the order they were written."""
    place = folder.outputs(number)
    try:
        if link_below(folder.store.path, place):
            return
        found = [path for path in place.iterdir() if path.suffix == JOURNAL_SUFFIX]
    except (OSError, ValueError):
        return
    tails = {
        int(path.stem.removeprefix(TAIL)): path
        for path in found
        if path.stem.removeprefix(TAIL).isdecimal()
    }
    heads = [path for path in found if path.stem == HEAD]
    for path in [*heads, *(tails[k] for k in sorted(tails))]:
        if not path.is_symlink():
            yield path


@dataclass
class _Shown:
    """The output area of a cell."""

    _outputs: list[dict[str, Any]] = field(default_factory=list)
    _displays: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
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
            self._update(record)
        else:
            if self._clears_next:
                self._clear()
            self._show(record)

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

    def _stream(self, name: str, text: str) -> None:
        last = self._outputs[-1] if self._outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != name:
            last = {"output_type": "stream", "name": name, "text": []}
            self._outputs.append(last)
        last["text"].append(text)

    def _update(self, record: Output) -> None:
        for output in self._displays.get(record.display_id or "", ()):
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
