"""The facts of a run that may be changed while it is written, by its writer and by others."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbtracker.errors import UsageError
from nbtracker.journal.moments import moment_after
from nbtracker.journal.records import Edited, Record
from nbtracker.sdk.provenance import execution, redacted
from nbtracker.settings import Settings
from nbtracker.store.layout import RunFolder
from nbtracker.views.edited import edit_of

if TYPE_CHECKING:
    from nbtracker.sdk.asked import Requests


class EditedFacts:
    """Facts that say what was said last, here or in a panel."""

    __slots__ = ()

    if TYPE_CHECKING:
        _edited_at: dict[str, float]
        _folder: RunFolder
        _requests: Requests
        _settings: Settings

        @property
        def is_foreign(self) -> bool:
            """Whether this is a fork of the run's process."""

        def _change_settings(self, settings: Settings) -> None: ...
        def _record(self, record: Record, what: str) -> None: ...

    @property
    def name(self) -> str:
        """The display name; readable and random if none was given."""
        self._take_edits()
        return self._settings.name or self._folder.id

    @name.setter
    def name(self, name: str) -> None:
        if name == "":
            raise UsageError('run.name is ""; it must have a character, or be None')
        self._edit("name", name)

    @property
    def notes(self) -> str | None:
        """Notes, possibly of many lines, in markdown."""
        self._take_edits()
        return self._settings.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._edit("notes", notes)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags; assign, or `run.tags += ("good",)`."""
        self._take_edits()
        return self._settings.tags

    @tags.setter
    def tags(self, tags: Any) -> None:
        self._edit("tags", tags)

    @property
    def group(self) -> str | None:
        """The group the run is one of."""
        self._take_edits()
        return self._settings.group

    @property
    def job_type(self) -> str | None:
        """The part the run plays in its group."""
        self._take_edits()
        return self._settings.job_type

    def _take_edits(self) -> None:
        """Look for what somebody else changed, and go by it where it is newer.

        Also after the run has ended; but a forked child has none of it.
        """
        if not self.is_foreign:
            self._requests.look(time.time())
        # Another thread may look, too.
        for field, edit in list(self._requests.edits.items()):
            if field != "archived" and edit.at > self._edited_at.get(field, 0.0):
                self._edited_at[field] = edit.at
                self._change_settings(replace(self._settings, **edit_of(edit)))

    def _edit(self, field: str, value: Any) -> None:
        self._take_edits()
        changed = replace(self._settings, **{field: value})
        value = getattr(changed, field)
        said = redacted(list(value) if isinstance(value, tuple) else value)
        at = moment_after(self._requests.edited_at(field))
        self._record(Edited(at=at, execution=execution(), field=field, value=said), field)
        # Only now: a run that has ended refuses, and then nothing is changed.
        self._change_settings(changed)
        self._edited_at[field] = at
