"""What shows the notebook of this kernel: asked before anything is sent that it may not know."""

import os
import sys
from typing import Any

from nbtracker.store.presence import has_renderer


def shows_widgets() -> bool:
    """Tell whether a widget should be shown: our renderer is not there, but widgets are.

    Where nobody looks, as when a notebook is executed by a program, nobody could answer a
    widget, and what is saved of it would be shown as an error.
    """
    if has_renderer():
        return False
    return "google.colab" in sys.modules or _is_vscode() or _names_cells()


def _is_vscode() -> bool:
    names: Any = getattr(_shell(), "user_ns", {})
    return "__vsc_ipynb_file__" in names or "-jvsc-" in os.environ.get("JPY_SESSION_NAME", "")


def _names_cells() -> bool:
    """Whether the request that runs names its cell, as those of people's front ends do."""
    parent = getattr(_shell(), "get_parent", None)
    request = parent() if parent is not None else None
    metadata = request.get("metadata") if isinstance(request, dict) else None
    return isinstance(metadata, dict) and isinstance(metadata.get("cellId"), str)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return getattr(ipython, "get_ipython", lambda: None)()
