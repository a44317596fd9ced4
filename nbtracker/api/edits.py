"""What changed in a run since it was read, as the records of one edit journal."""

import time
from collections.abc import Mapping
from typing import Any

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.ids import new_id
from nbtracker.journal.records import (
    ConfigSet,
    Edited,
    Record,
    SummaryDeleted,
    SummarySet,
    dumps,
)
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import RunFolder
from nbtracker.views.catalogue.facts import Facts

EDITABLE = ("name", "notes", "tags", "group", "job_type")
MAX_DEPTH = 100


def plain(value: Any, depth: int = 0) -> Any:
    """Make a value that a journal can keep: dicts, lists, texts, numbers, booleans, None.

    Raises:
        UsageError: It is something else, or nested too deep.
    """
    if depth > MAX_DEPTH:
        raise UsageError(f"the value is nested deeper than {MAX_DEPTH}, or holds itself")
    if hasattr(value, "tolist") and not isinstance(value, str | bytes):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise UsageError(
        f"a {type(value).__name__} cannot be kept in a run's config or summary; give a number, "
        "a text, or a list or dictionary of these"
    )


def differences(before: Facts, after: Facts, at: float) -> list[Record]:
    """Say as records how `after` differs from `before`.

    Raises:
        UsageError: A config key was removed, or a value cannot be kept.
    """
    found: list[Record] = []
    for field in EDITABLE:
        old, new = getattr(before, field), plain(getattr(after, field))
        if not _same(old, new):
            found.append(Edited(at=at, field=field, value=new))
    gone = before.config.keys() - after.config.keys()
    if gone:
        raise UsageError(f"config key {min(gone)!r} cannot be removed; set it to None instead")
    for key, value in after.config.items():
        new, first = plain(value), key not in before.config
        if first or not _same(before.config[key], new):
            old = before.config.get(key)
            step = max(before.last_step, 0)
            found.append(ConfigSet(at=at, key=str(key), new=new, old=old, first=first, step=step))
    return found + _summary(before.summary, plain(after.summary), (), at)


def _summary(
    old: dict[str, Any], new: dict[str, Any], above: tuple[str, ...], at: float
) -> list[Record]:
    found: list[Record] = [
        SummaryDeleted(at=at, path=(*above, key)) for key in old if key not in new
    ]
    for key, value in new.items():
        path, known = (*above, key), old.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            found += _summary(known, value, path, at)
        elif key not in old or not _same(known, value):
            found.append(SummarySet(at=at, path=path, value=value))
    return found


def _same(one: Any, other: Any) -> bool:
    # As they are spelled: NaN is NaN, and True is not 1.
    return dumps(one) == dumps(other)


def moment_after(last_at: float) -> float:
    """A time that sorts an edit behind all that was read, even where a clock went back."""
    now = time.time()
    return now if now > last_at else last_at + 0.001


def write(folder: RunFolder, changes: list[Record]) -> None:
    """Write changes as a journal of their own; a writer of the run is not disturbed.

    Raises:
        NotFoundError: The run is gone.
    """
    if not folder.exists:
        raise NotFoundError(f"run {folder.project}/{folder.id} was deleted; nothing was changed")
    writer = JournalWriter(folder.journal(f"edit-{new_id()}"))
    try:
        for change in changes:
            writer.append(change)
        writer.sync()
    finally:
        writer.close()
