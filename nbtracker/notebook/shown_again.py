"""Outputs of executions, shown below another cell."""

import sys
from collections.abc import Sequence
from typing import Any

from nbtracker.notebook.tables import tell
from nbtracker.text.outputs import nothing_text
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import SessionView


def show_again(view: SessionView, numbers: Sequence[int]) -> None:
    """Show what executions showed; several with a heading each.

    Args:
        view: The session.
        numbers: Those of the executions.
    """
    names = CellNames(view.executions)
    for number in numbers:
        if len(numbers) > 1:
            tell(f"{names.cell(number)}:")
        if outputs := outputs_of(view.folder, number):
            _show(outputs)
        else:
            tell(nothing_text(view, number))


def _show(outputs: list[dict[str, Any]]) -> None:
    from IPython.core import display_functions

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
