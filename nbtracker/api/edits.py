"""What changed in a run since it was read, as the records of one edit journal."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbtracker.errors import JournalError, NotFoundError, UsageError
from nbtracker.ids import new_id
from nbtracker.journal.moments import moment_after
from nbtracker.journal.records import (
    CheckpointRequested,
    ConfigSet,
    Edited,
    Record,
    StopRequested,
    SummaryDeleted,
    SummarySet,
    dumps,
)
from nbtracker.journal.writer import JournalWriter
from nbtracker.settings import checks
from nbtracker.store.layout import EDITS, RunFolder
from nbtracker.views.catalogue.facts import Facts
from nbtracker.views.edited import EDITABLE
from nbtracker.views.run import read_run
from nbtracker.views.state import RUNNING, state_of

MAX_DEPTH = 100
MAX_INT_BITS = 13_287  # up to 4,000 digits: JSON is read up to 4,300


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
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        raise UsageError(
            "an integer of more than 4,000 digits cannot be kept in a run's config or summary; "
            "give it as a text, such as hex(n)"
        )
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
    for field, check in EDITABLE.items():
        old, new = getattr(before, field), getattr(after, field)
        if not _same(old, new):
            found.append(Edited(at=at, field=field, value=_field(field, check(field, new))))
    gone = before.config.keys() - after.config.keys()
    if gone:
        raise UsageError(f"config key {min(gone)!r} cannot be removed; set it to None instead")
    for key, value in after.config.items():
        if key in before.config and _same(before.config[key], value):
            continue
        kept = key if key in before.config else checks.config_key(key)
        first, old = kept not in before.config, before.config.get(kept)
        said = {"key": kept, "new": plain(value), "old": old, "first": first}
        found.append(ConfigSet(at=at, step=max(before.last_step, 0), **said))
    return found + _summary(before.summary, after.summary, (), at)


def checked_edits(said: Mapping[str, Any], at: float) -> list[Record]:
    """Say as records that fields are to have these values.

    Raises:
        UsageError: There is no such field, or a value does not fit it.
    """
    unknown = said.keys() - EDITABLE.keys()
    if unknown:
        hint = checks.unknown_name(min(unknown), EDITABLE, "field")
        raise UsageError(hint)
    return [
        Edited(at=at, field=field, value=_field(field, EDITABLE[field](field, value)))
        for field, value in said.items()
    ]


def _field(field: str, value: Any) -> Any:
    if field == "name" and value is None:
        raise checks.wrong(field, value, "text that is not blank", "pass name='baseline'")
    return list(value) if isinstance(value, tuple) else value


def _summary(
    old: Mapping[str, Any], new: Mapping[Any, Any], above: tuple[str, ...], at: float
) -> list[Record]:
    found: list[Record] = [
        SummaryDeleted(at=at, path=(*above, key)) for key in old if key not in new
    ]
    for key, value in new.items():
        known = old.get(key)
        if key in old and _same(known, value):
            continue
        if not isinstance(key, str) or not key:
            raise checks.wrong("a summary key", key, "text that is not empty", "name the value")
        path = (*above, key)
        if isinstance(value, Mapping) and isinstance(known, dict):
            found += _summary(known, value, path, at)
        else:
            found.append(SummarySet(at=at, path=path, value=plain(value)))
    return found


def _same(one: Any, other: Any) -> bool:
    # As they are spelled: NaN is NaN, and True is not 1.
    try:
        return dumps(one) == dumps(other)
    except (TypeError, ValueError, RecursionError):  # what is new cannot be spelled, yet or ever
        return False


def write(folder: RunFolder, changes: list[Record]) -> None:
    """Write changes as a journal of their own; a writer of the run is not disturbed.

    Raises:
        NotFoundError: The run is gone.
        JournalError: The disk takes nothing more; nothing was changed.
    """
    run = f"run {folder.project}/{folder.id}"
    if not folder.exists:
        raise NotFoundError(f"{run} was deleted; nothing was changed")
    journal = folder.journal(f"{EDITS}{new_id()}")
    try:
        _write(journal, changes)
    except OSError as error:
        # Half of the changes would be worse than none.
        with contextlib.suppress(OSError):
            journal.unlink(missing_ok=True)
        raise JournalError(
            f"{run} could not be changed ({error.strerror or error}, {journal.parent}); "
            "make room or the folder writable, and call update() again"
        ) from error


def _write(journal: Path, changes: list[Record]) -> None:
    writer = JournalWriter(journal)
    try:
        for change in changes:
            writer.append(change)
        writer.sync()
    finally:
        writer.close()


def request_stop(folder: RunFolder) -> None:
    """Ask whoever writes a run to end it: it does so when it logs next.

    Raises:
        NotFoundError: The run is gone.
        UsageError: Nobody writes it.
    """
    _ask(folder, StopRequested)


def request_checkpoint(folder: RunFolder) -> None:
    """Ask whoever writes a run to save its work; `run.checkpoint_requested` tells it.

    Raises:
        NotFoundError: The run is gone.
        UsageError: Nobody writes it.
    """
    _ask(folder, CheckpointRequested)


def _ask(folder: RunFolder, kind: type[StopRequested] | type[CheckpointRequested]) -> None:
    if not folder.exists:
        raise NotFoundError(f"run {folder.project}/{folder.id} was deleted; nothing was asked")
    view = read_run(folder)
    if (state := state_of(view)) != RUNNING:
        raise UsageError(
            f"run {folder.project}/{folder.id} is {state}: nobody is there to be asked"
        )
    write(folder, [kind(at=moment_after(view.last_at))])
