"""What is loaded into a shell, and taken out of it again."""

import sys
from typing import Any

from nbtracker.errors import attempt, warn
from nbtracker.notebook import magics, session
from nbtracker.sdk import provenance
from nbtracker.store.layout import open_store

_loaded: list[session.Session] = []
_refused: list[Any] = []


def offer(shell: Any) -> None:
    """Give the shell that imported nbtracker the magics; cells are recorded from the first run."""
    took_over = _give_magics(shell).took_over
    provenance.on_first_run(lambda: load(shell))
    if took_over:  # what was recorded stays recorded
        load(shell)


def load(shell: Any) -> None:
    """Load into a shell, once; that nothing can be recorded is said in a warning."""
    _give_magics(shell)
    if not session._sessions:
        # Whatever goes wrong: the cell that loads it, or begins a run, goes on.
        attempt(lambda: _begin(shell), lambda: _refuse(shell))


def unload(shell: Any) -> None:
    """Take everything out of a shell again."""
    for one in [one for one in _loaded if one.shell is shell]:
        _loaded.remove(one)
        one.undo.close()
    _refused.clear()
    _sweep(shell)
    if (given := magics.registration_of(shell)) is not None:
        given.unregister()


def _begin(shell: Any) -> None:
    begun = session.Session(shell, open_store())
    _loaded[:] = [begun]
    begun.begin()
    _give_magics(shell).listen_last()


def _refuse(shell: Any) -> None:
    error = sys.exc_info()[1]
    for begun in _loaded:
        begun.undo.close()
    _loaded.clear()
    _sweep(shell)
    if shell not in _refused:
        _refused.append(shell)
        warn(f"cells are not recorded: {error}")


def _sweep(shell: Any) -> None:
    """Take out listeners that could not take themselves out."""
    for listeners in shell.events.callbacks.values():
        ours = [one for one in listeners if getattr(one, "__module__", "") == _HOOKS]
        for one in ours:
            listeners.remove(one)


_HOOKS = "nbtracker.notebook.hooks"


def _give_magics(shell: Any) -> magics.Registration:
    given = magics.register(shell)
    given.leave = lambda: _leave(shell)
    return given


def _leave(shell: Any) -> bool:
    """Give way to another import of nbtracker; say whether cells were recorded."""
    was_recorded = any(one.shell is shell for one in _loaded)
    unload(shell)
    return was_recorded
