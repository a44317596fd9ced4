"""What edits mean: one reading of them for the process that writes a run and for all others."""

from collections.abc import Callable
from typing import Any

from nbtracker.errors import UsageError
from nbtracker.journal.records import Edited
from nbtracker.settings import checks

EDITABLE: dict[str, Callable[[str, Any], Any]] = {
    "name": checks.text,
    "notes": checks.notes,
    "tags": checks.tags,
    "group": checks.text,
    "job_type": checks.text,
    "archived": checks.flag,
}
"""The fields that may be changed, and what `init` demands of them."""


def edit_of(record: Edited) -> dict[str, Any]:
    """Give the field that an edit changes, and its value.

    Returns:
        Nothing for what nobody could have said: a journal is only a file.
    """
    check = EDITABLE.get(record.field)
    if check is None or (record.field == "name" and record.value is None):
        return {}
    try:
        value = check(record.field, record.value)
    except UsageError:
        return {}
    return {} if record.field == "name" and value is None else {record.field: value}
