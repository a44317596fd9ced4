"""A notebook as lines that can be compared: what each cell was when it was executed last."""

import json
from typing import Any


def last_sources(notebook: bytes) -> bytes:
    """Make a script of a notebook of executions, such as `cells.ipynb` of a run's code.

    A cell that was edited and executed again stands there once, as it was at last, in the place
    where it was executed first: so the same cell of two runs lies beside itself.

    Args:
        notebook: Its JSON; what is none is given back as it is.
    """
    try:
        cells = json.loads(notebook)["cells"]
        sources = {_name(cell): _text(cell["source"]) for cell in cells if _is_code(cell)}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return notebook
    parts = [f"# %% cell {name}\n{source.rstrip()}\n" for name, source in sources.items()]
    return "\n".join(parts).encode("utf-8", "replace")


def _is_code(cell: Any) -> bool:
    return bool(cell["cell_type"] == "code")


def _name(cell: Any) -> str:
    """The id that a cell keeps when it is executed again."""
    own = cell.get("metadata", {}).get("nbtracker", {}).get("cell_id")
    return str(own or cell.get("id", ""))[:8]


def _text(source: Any) -> str:
    return source if isinstance(source, str) else "".join(map(str, source))
