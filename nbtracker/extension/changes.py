"""What changed in a store since somebody last looked; plain functions of the disk, no tornado."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.revisions import Clock
from nbtracker.views.catalogue.signatures import signature_of


@dataclass
class Changes:
    """Runs, each as `project/id`, since the last look.

    Attributes:
        revision: How far the catalogue is; 0 if it was not asked.
        runs: Those that are new, have grown, or are in another state.
        gone: Those that are not there any more.
        everything: Which ones is not known: all of them may have changed.
    """

    revision: int = 0
    runs: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.runs or self.gone or self.everything)

    def take(self, later: "Changes") -> None:
        """Add what changed after this; the later word counts."""
        self.revision = later.revision or self.revision
        self.runs = (self.runs - later.gone) | later.runs
        self.gone = (self.gone - later.runs) | later.gone
        self.everything = self.everything or later.everything


class CatalogueLook:
    """What the catalogue of a store says, compared with what it said before.

    Args:
        find: Gives the catalogue. It is asked each time: the default store of a server becomes
            another one when somebody makes a folder for it.
        clock: Where the catalogue was when somebody last read it.
    """

    def __init__(self, find: Callable[[], Catalogue], clock: Clock) -> None:
        self._find = find
        self._clock = clock

    def look(self) -> tuple[Store, Changes]:
        """Bring the catalogue up to date; say which store it is, and what changed there."""
        catalogue = self._find()
        catalogue.refresh()
        if catalogue.clock() == self._clock:
            return catalogue.store, Changes()
        # Clocks of two stores, too, have nothing in common: everything changed.
        found = catalogue.changes(self._clock)
        self._clock = found.now
        runs, gone = ({"/".join(one) for one in some} for some in (found.runs, found.gone))
        return catalogue.store, Changes(found.now.revision, runs, gone, found.everything)


class JournalsLook:
    """How the journals of a few runs look from outside, compared with before."""

    def __init__(self) -> None:
        self._known: Mapping[str, str] = {}

    def look(self, store: Store, runs: Iterable[str], again: Collection[str] = ()) -> Changes:
        """Say which of these runs changed since they were last looked at.

        Args:
            store: Where they are.
            runs: Each as `project/id`, checked by the caller.
            again: Those of them that are said to have changed in any case: who begins to
                follow a run may have read it a while ago.
        """
        now = {run: signature_of(store.run(*run.split("/"))) for run in runs}
        before, self._known = self._known, now
        changed = {run for run, seen in now.items() if before.get(run) != seen or run in again}
        gone = {run for run in changed if not now[run]}
        return Changes(0, changed - gone, gone)
