"""Outputs of an execution, shown below another cell."""

import sys
from typing import Any

from nbtracker.notebook.tables import tell


def show_again(outputs: list[dict[str, Any]], cell: int | str) -> None:
    """Show outputs in their order.

    Args:
        outputs: As a notebook keeps them.
        cell: How the cell is called, or its number.
    """
    from IPython.core import display_functions

    if not outputs:
        named = f"#{cell}" if isinstance(cell, int) else cell
        tell(f"cell {named} showed nothing, or nothing of it was kept")
    display: Any = display_functions.display
    for one in outputs:
        match one["output_type"]:
            case "stream":
                stream = sys.stderr if one["name"] == "stderr" else sys.stdout
                stream.write(_text(one["text"]))
            case "error":
                tell("\n".join(one["traceback"]) or f"{one['ename']}: {one['evalue']}")
            case _:
                display(one["data"], metadata=one.get("metadata"), raw=True)


def _text(said: str | list[str]) -> str:
    return said if isinstance(said, str) else "".join(said)
