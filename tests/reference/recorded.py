"""What is on disk of a run, and programs that record one."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from nbtracker.sdk.run import Run
from nbtracker.store.layout import RunFolder, Store, open_store
from nbtracker.views.history import History
from nbtracker.views.run import RunView, read_run

OWN = ("_step", "_timestamp", "_runtime")
# What makes a script believe that it is a cell.
IN_A_KERNEL = """
    import sys, types
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    sys.modules["IPython"] = ipython
    import nbtracker
"""


def view(run: Run) -> RunView:
    """Read a run back from its journals."""
    return read_run(run._folder)


def rows(run: Run | RunFolder) -> list[dict[str, Any]]:
    """The rows of a run by canonical names, with their step."""
    history = History(run._folder if isinstance(run, Run) else run)
    history.refresh()
    return [
        {key: value for key, value in row.items() if key not in OWN[1:]} for row in history.rows()
    ]


def late(run: Run) -> list[tuple[int, dict[str, Any]]]:
    """What was logged for steps that were complete already."""
    history = History(run._folder)
    history.refresh()
    return [(row.step, row.values) for row in history.late]


def logged(tree: dict[str, Any]) -> dict[str, Any]:
    """A summary without what the tracker adds."""
    return {key: value for key, value in tree.items() if key not in OWN}


def run_script(source: str, *arguments: str, path: str = "train.py") -> Any:
    """Run a program in the working directory; give the ended process."""
    script = Path(path)
    script.write_text(textwrap.dedent(source), encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )


def only_run(store: Store | None = None) -> RunView:
    """The one run of a store."""
    (folder,) = (store or open_store()).runs()
    return read_run(folder)
