"""Experiment tracking that lives in your notebook and in your folders.

import nbtracker

run = nbtracker.init(project="digits", config={"lr": 0.1})
run.log({"loss": 0.5})
run.finish()

nbtracker.Api().run(run.path).history()
"""

import sys
from typing import TYPE_CHECKING, Any

from nbtracker import errors
from nbtracker._version import __version__
from nbtracker.errors import Error, TrackingWarning, UsageError
from nbtracker.sdk.current import define_metric, finish, join, log
from nbtracker.sdk.elsewhere import login, require, setup, termerror, termlog, termwarn
from nbtracker.sdk.init import init
from nbtracker.sdk.metric import Metric
from nbtracker.sdk.run import Run
from nbtracker.settings import Settings

if TYPE_CHECKING:
    from nbtracker import ids as util
    from nbtracker.api import Api
    from nbtracker.sdk.config import Config
    from nbtracker.sdk.summary import Summary

    config: Config
    summary: Summary
    run: Run | None

__all__ = [
    "Api",
    "Error",
    "Metric",
    "Run",
    "Settings",
    "TrackingWarning",
    "UsageError",
    "__version__",
    "config",
    "define_metric",
    "errors",
    "finish",
    "init",
    "join",
    "log",
    "login",
    "require",
    "run",
    "setup",
    "summary",
    "termerror",
    "termlog",
    "termwarn",
    "util",
]

# Names of the reference that scripts ask for, and that are not here yet.
_LATER = frozenset(
    """
    AlertLevel Artifact Audio Graph Histogram Html Image JoinedTable Molecule Object3D Plotly
    Table Video agent alert apis controller data_types integration keras link_artifact
    link_model log_artifact log_code log_model mark_preempting plot plot_table plots restore
    save sweep teardown unwatch use_artifact use_model watch
    """.split()
)


def __getattr__(name: str) -> Any:
    from nbtracker.sdk import current

    match name:
        case "run":
            return current.ACTIVE.current
        case "config":
            return current.current_config()
        case "summary":
            return current.current_summary()
        case "Api":
            from nbtracker.api import Api

            return Api
        case "util":
            from nbtracker import ids  # `util.generate_id()` is what scripts want of it

            return ids
    if name in _LATER:
        raise AttributeError(
            f"nbtracker.{name} comes with a later release; without it, the run is still recorded"
        )
    raise AttributeError(f"nbtracker has no attribute {name!r}; see dir(nbtracker)")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext nbtracker`: the magics, and each cell is recorded from now on."""
    from nbtracker.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext nbtracker`: the shell is as it was."""
    from nbtracker.notebook.extension import unload

    unload(shell)


def _offer() -> None:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "events"):
        from nbtracker.notebook.extension import offer

        offer(shell)


_offer()
