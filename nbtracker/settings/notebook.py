"""Are we inside a notebook? Asked without importing IPython or marimo."""

import sys


def in_notebook() -> bool:
    """Tell whether this process is a kernel that serves a notebook.

    A terminal IPython is not one: it has a shell, and no kernel.
    """
    ipython = sys.modules.get("IPython")
    get_ipython = getattr(ipython, "get_ipython", None)
    return (get_ipython is not None and hasattr(get_ipython(), "kernel")) or in_marimo()


def in_marimo() -> bool:
    """Tell whether this thread executes cells of a marimo notebook; it has no Jupyter kernel."""
    running = getattr(sys.modules.get("marimo"), "running_in_notebook", None)
    return running is not None and bool(running())
