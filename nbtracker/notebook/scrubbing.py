"""Take what other cells quote of forgotten ones out of the outputs that are kept of them."""

import contextlib
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from nbtracker.ids import new_id
from nbtracker.journal.cells import Output
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import Record
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.quotes import Quotes
from nbtracker.store.layout import JOURNAL_SUFFIX
from nbtracker.store.links import link_below
from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import n_bytes

_NUMBERS = re.compile(r"\d{1,18}")


def scrub_outputs(
    folder: SessionFolder, quotes: Quotes, *, leave: Collection[int] = ()
) -> list[int]:
    """Write the outputs of a session anew without these quotes; nobody may be writing them.

    Args:
        folder: The session's.
        quotes: What is to go.
        leave: Executions that are not looked at.

    Returns:
        The executions that showed any of it.

    Raises:
        OSError: Something may not be written.
    """
    found: dict[int, None] = {}
    moved: dict[tuple[int, str], int] = {}
    for number, path in output_journals(folder):
        by = number, path.name.rpartition("-")[0].removesuffix("tail").rstrip("-")
        if number in leave or not (moved.get(by) or quotes.may_be_in(path.read_bytes())):
            continue
        moved[by], is_changed = _scrub(path, quotes, moved.get(by, 0))
        if is_changed:
            found[number] = None
    return list(found)


def output_journals(folder: SessionFolder) -> Iterator[tuple[int, Path]]:
    """Every journal of outputs, with its execution; those of one are in the order of writing."""
    place = folder.outputs(0).parent
    with contextlib.suppress(OSError):
        paths = [
            path for path in place.glob(f"*/*{JOURNAL_SUFFIX}") if path.parent.name.isdecimal()
        ]
        for path in sorted(paths, key=_order):
            if _is_regular(path) and not link_below(folder.store.path, path):
                yield int(path.parent.name), path


def _is_regular(path: Path) -> bool:
    """Whether it can be read to its end: a pipe may have none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _order(path: Path) -> tuple[int, str, list[int]]:
    return int(path.parent.name), path.name[:2], [int(one) for one in _NUMBERS.findall(path.name)]


def _scrub(path: Path, quotes: Quotes, moved: int) -> tuple[int, bool]:
    """Write a journal anew; give how far what follows it moves, and whether anything is gone."""
    records: list[Record] = []
    is_changed = False
    for one in JournalReader(path).read():
        if not isinstance(one, Output):
            records += [one] if isinstance(one, Record) else []
            continue
        clean = replace(one, text=quotes.without(one.text), data=quotes.without_any(one.data))
        is_changed |= clean != one
        # A reader takes a gap between two for something that was cut.
        records.append(replace(clean, offset=max(0, one.offset + moved)))
        moved += n_bytes(clean) - n_bytes(one)
    if is_changed or moved:
        _write(path, records)
    return moved, is_changed


def _write(path: Path, records: list[Record]) -> None:
    draft = path.with_name(f"draft-{new_id()}{JOURNAL_SUFFIX}")
    writer = JournalWriter(draft)
    try:
        for one in records:
            writer.append(one)
        writer.sync()
        writer.close()
        draft.replace(path)
    except BaseException:
        writer.close()
        draft.unlink(missing_ok=True)
        raise
