"""What is loaded into a shell, and taken out of it again."""

from typing import Any

from nbtracker.errors import Error, warn
from nbtracker.notebook import magics
from nbtracker.notebook.session import Session, recorder
from nbtracker.sdk import provenance
from nbtracker.store.layout import open_store

_registered: list[tuple[Any, magics.Registration]] = []


def offer(shell: Any) -> None:
    """Give the shell that imported nbtracker the magics; cells are recorded from the first run."""
    _give_magics(shell)
    provenance.on_first_run(lambda: load(shell))


def load(shell: Any) -> None:
    """Load into a shell, once; that nothing can be recorded is said in a warning."""
    _give_magics(shell)
    if recorder() is not None:
        return
    try:
        session = Session(shell, open_store())
    except (Error, OSError, RuntimeError) as error:
        warn(f"cells are not recorded: {error}")
    else:
        session.begin()


def unload(shell: Any) -> None:
    """Take everything out of a shell again."""
    session = recorder()
    if session is not None and session.shell is shell:
        session.end()
    for place in [place for place in _registered if place[0] is shell]:
        place[1].unregister()
        _registered.remove(place)


def _give_magics(shell: Any) -> None:
    if all(given is not shell for given, _ in _registered):
        _registered.append((shell, magics.register(shell)))
