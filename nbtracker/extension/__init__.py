"""The door inside Jupyter's server; alone in importing tornado and jupyter_server."""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter's server what there is to load."""
    from nbtracker.extension.app import NbTracker

    return [{"module": "nbtracker.extension.app", "app": NbTracker}]
