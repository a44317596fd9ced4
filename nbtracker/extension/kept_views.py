"""Runs that were read are kept, so that the next request reads only what was added."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbtracker.store.layout import RunFolder
from nbtracker.views.catalogue.signatures import identity_of
from nbtracker.views.run import RunView

MAX_VIEWS = 64


@dataclass
class _Kept:
    view: RunView
    identity: str
    lock: threading.RLock = field(default_factory=threading.RLock)


class KeptViews:
    """The views of the runs of a store that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, folder: RunFolder) -> Iterator[RunView]:
        """Give a run as it is now; nobody else reads on in it meanwhile.

        Raises:
            OSError: It cannot be read.
        """
        identity, key = identity_of(folder), (folder.project, folder.id)
        with self._lock:
            kept = self._kept.pop(key, None)
            if kept is None or not identity or kept.identity != identity:
                kept = _Kept(RunView(folder), identity)
            self._kept[key] = kept
            if len(self._kept) > MAX_VIEWS:
                self._kept.popitem(last=False)
        with kept.lock:
            try:
                kept.view.refresh()
            except BaseException:
                # What was read of it only in part must not be read on.
                with self._lock:
                    self._kept.pop(key, None)
                raise
            yield kept.view
