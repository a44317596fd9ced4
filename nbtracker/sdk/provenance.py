"""Which cell execution is running: set by the notebook part, read by everything recorded."""

from contextvars import ContextVar

EXECUTION: ContextVar[str | None] = ContextVar("nbtracker_execution", default=None)
"""Id of the cell execution this thread or task belongs to; None outside a notebook."""
