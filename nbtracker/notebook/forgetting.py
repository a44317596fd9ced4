"""Delete what cells said and showed, wherever a copy of it is kept."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbtracker.api.paths import run_name
from nbtracker.errors import JournalError, UsageError
from nbtracker.journal.cells import CellForgotten
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.kept_code import (
    delete_orphans,
    remake,
    rewrite_files,
    runs_naming,
)
from nbtracker.notebook.outputs import OutputStore
from nbtracker.notebook.quotes import Quotes
from nbtracker.notebook.scrubbing import output_journals, scrub_outputs
from nbtracker.redaction import Redactor
from nbtracker.store.sessions import SessionFolder, session_folders
from nbtracker.text.values import escaped, short
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.session import Execution, SessionView, read_session

_FIRST_LINE = 60


@dataclass
class Forgotten:
    """What was forgotten.

    Attributes:
        session: Whose cells it were.
        gone: Them, as they were before.
        names: How the cells of the session are called.
        quoted_by: Other cells whose outputs quoted lines of them.
        replays: Sessions of replays to the cells that were forgotten there, as they are called.
        n_files: How many documents, modules and patches were written anew.
        left: What is still there, and how to be rid of it.
    """

    session: str
    gone: list[Execution]
    names: CellNames
    quoted_by: list[Execution] = field(default_factory=list)
    replays: dict[str, str] = field(default_factory=dict)
    n_files: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """The executions that are forgotten now."""
        return [one.number for one in self.gone]

    def lines(self) -> Iterator[str]:
        """Say what was forgotten, and what was not; not what it was."""
        yield f"forgotten: {named(self.names, self.gone)}"
        if self.quoted_by:
            quoted_by = named(self.names, self.quoted_by)
            yield f"lines of that are taken out of the outputs of {quoted_by}"
        for session, cells in self.replays.items():
            yield f"forgotten in the replay recorded as session {session}: {cells}"
        if self.n_files:
            kept = "file" if self.n_files == 1 else "files"
            yield f"taken out of {self.n_files} kept {kept} (documents, modules, patches)"
        for one in self.left:
            yield f"still there: {one}"


def named(names: CellNames, cells: Sequence[Execution]) -> str:
    """Name cells, and leave none out."""
    listed = ", ".join(map(names.name, cells))
    return f"cell{'s' if len(cells) != 1 else ''} {listed}"


def described(one: Execution, names: CellNames) -> str:
    """Name a cell, and show its first line."""
    lines = (line.strip() for line in (one.source or "").splitlines())
    first = next((line for line in lines if line), "(its source was not kept)")
    return f"{names.cell(one)}  {escaped(short(first, _FIRST_LINE))}"


def meant_to_go(folder: SessionFolder, numbers: Iterable[int]) -> list[Execution]:
    """The cells of a session that is not recorded any more which `forget_cells` would delete.

    Raises:
        UsageError: Its kernel still runs, or there is no such execution.
    """
    view = read_session(folder)
    if view.is_running:
        raise UsageError(
            f"the kernel of session {folder.id} still runs; use %tracker forget in its notebook"
        )
    gone = also_meant(view.executions, numbers)
    if not gone:
        raise UsageError(f"session {folder.id} has no such execution; see `nbtracker cells`")
    return gone


def forget_cells(folder: SessionFolder, numbers: Iterable[int]) -> Forgotten:
    """Delete source and outputs of executions of a session whose kernel is gone.

    Those of all others with the same source go with them, and so do all copies.

    Raises:
        UsageError: Its kernel still runs, or there is no such execution.
        OSError: Something may not be deleted.
    """
    gone = meant_to_go(folder, numbers)
    view = read_session(folder)
    quotes = quotes_of(view, gone)
    done = Forgotten(folder.id, gone, CellNames(view.executions))
    quoted = _delete(folder, gone, quotes)
    done.quoted_by = _of_numbers(read_session(folder), quoted)
    forget_copies(folder, done, quotes)
    return done


def also_meant(executions: list[Execution], numbers: Iterable[int]) -> list[Execution]:
    """The executions of these numbers, and all others with the same source."""
    asked = set(numbers)
    digests = {one.digest for one in executions if one.number in asked and one.digest}
    return [one for one in executions if one.number in asked or one.digest in digests]


def quotes_of(view: SessionView, gone: Sequence[Execution]) -> Quotes:
    """What may be quoted of cells that are to be forgotten."""
    numbers = {one.number for one in gone}
    return Quotes(
        [one.source for one in gone if one.source],
        ids=[one.id for one in gone],
        cell_ids=[one.cell_id for one in gone if one.cell_id],
        kept=[one.source for one in view.executions if one.source and one.number not in numbers],
    )


def _of_numbers(view: SessionView, numbers: Iterable[int]) -> list[Execution]:
    wanted = set(numbers)
    return [one for one in view.executions if one.number in wanted]


def _delete(folder: SessionFolder, gone: Sequence[Execution], quotes: Quotes) -> list[int]:
    """Delete cells from their own session; give the others that quoted them."""
    outputs = OutputStore(folder, Redactor({}))
    writer = JournalWriter(folder.journal)
    try:
        for one in gone:
            if one.digest and one.source is not None:
                folder.source(one.digest).unlink(missing_ok=True)
            outputs.forget(one.number)
            writer.append(CellForgotten(at=time.time(), number=one.number))
    finally:
        writer.close()
    return scrub_outputs(folder, quotes)


def forget_copies(folder: SessionFolder, done: Forgotten, quotes: Quotes) -> None:
    """Delete what is elsewhere of cells that are gone from their own session.

    Replays, the code of runs, documents, modules and patches; what cannot be reached is noted
    in `done.left`.

    Raises:
        OSError: Something may not be deleted.
    """
    digests = {one.digest for one in done.gone if one.digest}
    folders = [folder]
    all_quotes = quotes
    for replay in _replays(folder):
        try:
            view = read_session(replay)
            cells = [one for one in view.executions if one.digest in digests]
            if not cells:
                continue
            if view.is_running:
                done.left.append(f"a replay that goes on, as session {replay.id}: forget it then")
                continue
            _delete(replay, cells, quotes)
        except (JournalError, OSError) as error:
            done.left.append(f"session {replay.id} of a replay: {error}")
            continue
        done.replays[replay.id] = named(CellNames(view.executions), cells)
        folders.append(replay)
        all_quotes = all_quotes.also(one.id for one in cells)
    views = [read_session(one) for one in folders]
    same = [view for view in _same_notebooks(views[0]) if view.folder.id not in done.replays]
    done.n_files = len(rewrite_files(views, all_quotes))
    done.n_files += len(rewrite_files(same, all_quotes.of_others()))
    for one in folders:
        remake(one)
    delete_orphans(folder.store, all_quotes)
    done.left += _left(views[0], done, quotes, digests)


def _replays(folder: SessionFolder) -> list[SessionFolder]:
    """The sessions in which runs of this one were executed again, and so on."""
    there = {one.id: one for one in session_folders(folder.store)}
    found: dict[str, SessionFolder] = {}
    todo = [folder.id]
    while todo:
        session = todo.pop()
        runs = [
            run_name(run.folder)
            for run in runs_naming(folder.store, [session])
            if any(one.session == session for one in run.started)
        ]
        for run in runs_naming(folder.store, runs):
            for one in run.started:
                origin = one.replay_of or one.in_replay
                if origin in runs and one.session in there and one.session not in found:
                    found[one.session] = there[one.session]
                    todo.append(one.session)
    found.pop(folder.id, None)
    return list(found.values())


def _same_notebooks(view: SessionView) -> Iterator[SessionView]:
    """Other sessions that kept the document of the same notebook."""
    paths = {one.path for one in view.documents}
    for folder in session_folders(view.folder.store) if paths else ():
        if folder.id == view.folder.id:
            continue
        other = _readable(folder)
        if other is not None and any(one.path in paths for one in other.documents):
            yield other


def _readable(folder: SessionFolder) -> SessionView | None:
    try:
        return read_session(folder)
    except (JournalError, OSError, ValueError):
        return None


def _left(view: SessionView, done: Forgotten, quotes: Quotes, digests: set[str]) -> Iterator[str]:
    """What is still there of cells that are forgotten, in words."""
    store = view.folder.store
    for folder in session_folders(store):
        if folder.id in (view.folder.id, *done.replays) or (other := _readable(folder)) is None:
            continue
        if cells := [one for one in other.executions if one.digest in digests and one.source]:
            numbers = " ".join(str(one.number) for one in cells)
            yield (
                f"the same source in session {folder.id}, "
                f"{named(CellNames(other.executions), cells)}: "
                f"`nbtracker forget {folder.id} {numbers}`"
            )
    texts = quotes.texts()
    for run in runs_naming(store, texts):
        if any(one.session == view.folder.id for one in run.started):
            name, is_away = run_name(run.folder), run.folder.path.parent == store.trash
            how = "" if is_away else f"`nbtracker rm {name}`, then "
            where = "a run in the trash" if is_away else f"run {name}"
            yield f"what it logged or set in {where}: {how}`nbtracker trash --empty`"
    journals = output_journals(view.folder)
    shown = {number for number, path in journals if _is_in(texts, path)}
    if cells := _of_numbers(view, shown):
        yield f"what {named(done.names, cells)} showed of its values; forget that, too"
    for path, _ in quotes.written:
        yield f"the file {escaped(path)} that it wrote, which is yours"


def _is_in(texts: Sequence[str], path: Path) -> bool:
    data = path.read_bytes() if texts else b""
    return any(text.encode("utf-8", "replace") in data for text in texts)
