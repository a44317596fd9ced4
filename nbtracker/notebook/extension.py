"""What is loaded into a shell, and taken out of it again."""

import sys
from typing import Any

from nbtracker.errors import Error, warn
from nbtracker.notebook.session import Session, recorder
from nbtracker.sdk import provenance
from nbtracker.store.layout import open_store


def offer() -> None:
    """Be there when the shell that imported nbtracker begins a run."""
    find = getattr(sys.modules["IPython"], "get_ipython", None)
    shell = find() if find is not None else None
    if hasattr(shell, "events"):
        provenance.on_first_run(lambda: load(shell))


def load(shell: Any) -> None:
    """Load into a shell, once; that nothing can be recorded is said in a warning."""
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
