"""What somebody else asks of a run that is being written, or changes in it.

To stop, to save its work, to be called something else: by a journal of its own, see
`nbtracker.api.edits`. `log` looks for one at most every 0.2 s, and costs a comparison otherwise.
"""

import math
import os
import stat
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from nbtracker.errors import RunStopped
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import CheckpointRequested, Edited, StopRequested
from nbtracker.sdk.guard import Guard
from nbtracker.sdk.recorder import DiskRecorder, NoRecorder
from nbtracker.settings.notebook import in_notebook
from nbtracker.store.layout import EDITS, JOURNAL_SUFFIX, RunFolder
from nbtracker.views.edited import edit_of
from nbtracker.views.unreadable import UNREADABLE

LOOK_EVERY_S = 0.2
# A notebook whose kernel is killed keeps the picture of what was logged so long before.
PICTURE_EVERY_S, PICTURE_SHARE, PICTURE_LATEST_S = 15.0, 200.0, 300.0
# A file may be seen before what is written into it, and two within one tick of a file's clock.
SETTLED_S = 2.0
MAX_BYTES = 1024 * 1024
STOPPED = 1  # the exit code of a run that was asked to stop
_LOOP = "asyncio"


class Requests:
    """What is asked of one run from now on.

    Args:
        folder: The run; what was asked before is not looked at.

    Attributes:
        stop: Whether it was asked to stop.
        checkpoint: Whether it was asked to save its work, and has not noticed.
        edits: The newest change of each fact, such as the tags.
        told: Threads that were told that the run was stopped.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.stop = self.checkpoint = False
        self.edits: dict[str, Edited] = {}
        self.told: set[int] = set()
        self._place = folder.path / "journals"
        self._readers: dict[str, JournalReader | None] = dict.fromkeys(self._names())
        self._changed_at = -1
        self._look_until = math.inf

    def look(self, at: float) -> None:
        """Take in what was asked since the last look; never raises.

        Args:
            at: The time. Units: seconds since 1970.
        """
        try:
            changed_at = os.stat(self._place).st_mtime_ns  # noqa: PTH116
        except OSError:
            return
        if changed_at != self._changed_at:
            self._changed_at, self._look_until = changed_at, at + SETTLED_S
        if at > self._look_until:
            return
        for name in self._names():
            if name not in self._readers:
                self._readers[name] = JournalReader(self._place / name)
            if (reader := self._readers[name]) is not None:
                self._read(reader)

    def edited_at(self, field: str) -> float:
        """When somebody changed a fact last. Units: seconds since 1970; 0 for never."""
        return self.edits[field].at if field in self.edits else 0.0

    def _names(self) -> list[str]:
        # Not os.scandir: Ctrl-C may come at any moment, and would leave it open.
        try:
            return [name for name in os.listdir(self._place) if self._may_ask(name)]  # noqa: PTH208
        except OSError:
            return []

    def _may_ask(self, name: str) -> bool:
        if not (name.startswith(EDITS) and name.endswith(JOURNAL_SUFFIX)):
            return False
        about = (self._place / name).lstat()
        return stat.S_ISREG(about.st_mode) and about.st_size <= MAX_BYTES

    def _read(self, reader: JournalReader) -> None:
        try:
            for item in reader.read():
                self.stop = self.stop or isinstance(item, StopRequested)
                self.checkpoint = self.checkpoint or isinstance(item, CheckpointRequested)
                if isinstance(item, Edited) and edit_of(item):
                    last = self.edits.get(item.field, item)
                    self.edits[item.field] = item if item.at >= last.at else last
        except UNREADABLE:
            return


class Asked:
    """The part of a run that listens."""

    __slots__ = ("_look_at", "_picture_at", "_requests")

    if TYPE_CHECKING:
        _ended: bool
        _folder: RunFolder
        _guard: Guard
        _recorder: DiskRecorder | NoRecorder
        id: str

        def _update_displays(self, *, while_logging: bool = False) -> None: ...
        def _end(self, exit_code: int, error: str | None, *, stopped: bool = False) -> None: ...

    @property
    def checkpoint_requested(self) -> bool:
        """Whether somebody asked to save the work now; true once for each time.

        In a training loop: `if run.checkpoint_requested: save(model)`.
        """
        at = time.time()
        if at >= self._look_at:
            self._see(at)
        found, self._requests.checkpoint = self._requests.checkpoint, False
        return found

    def _listen(self) -> None:
        """Begin to look for what is asked."""
        self._requests = Requests(self._folder)
        self._look_at, self._picture_at = math.inf, 0.0
        if isinstance(self._recorder, DiskRecorder):
            self._look_soon()
            self._recorder.on_clock_set_back = self._look_soon

    def _look_soon(self) -> None:
        """Let the next `log` look: by a clock that was set back, it would be for long."""
        self._look_at = self._picture_at = 0.0

    def _see(self, at: float) -> None:
        """Look, and let the next `log` look again at once if it has to end."""
        if not (self._ended or self._recorder.is_closed):
            self._requests.look(at)
        self._look_at = 0.0 if self._requests.stop else at + LOOK_EVERY_S

    def _look(self, at: float) -> None:
        """Look, and end the run if it was asked to; bring what is shown of it up to date.

        Raises:
            RunStopped: It was.
        """
        self._see(at)
        if at >= self._picture_at and not (self._ended or self._recorder.is_closed):
            self._draw(at)
        if self._requests.stop and not (self._ended or self._recorder.is_closed):
            self._end(STOPPED, None, stopped=True)
            self._tell_stopped()

    def _draw(self, at: float) -> None:
        """Draw the pictures of the run anew; of the time, they get half a hundredth."""
        began = time.monotonic()
        if self._picture_at:
            self._update_displays(while_logging=True)
        spent = time.monotonic() - began
        self._picture_at = at + min(max(PICTURE_EVERY_S, PICTURE_SHARE * spent), PICTURE_LATEST_S)

    def _tell_stopped(self) -> bool:
        """Raise once in each thread that logs; what it says on its way out is not recorded.

        Returns:
            True.

        Raises:
            RunStopped: This thread was not told before.
        """
        thread = threading.get_ident()
        if thread in self._requests.told:
            self._guard.warn_once(
                "stopped", f"run {self.id} was stopped; what is logged now is not recorded"
            )
            return True
        self._requests.told.add(thread)
        name = f"{self._folder.project}/{self.id}"
        said = f"run {name} was stopped, as asked from outside; what it logged is recorded"
        error = RunStopped(said)
        if not in_notebook():
            _show_calmly()
        elif (task := _own_task()) is not None:
            # Raised there, it would end the kernel.
            task.cancel(said)
            return True
        raise error


def _own_task() -> Any:
    """The task of the user's own that this is in, if it is no cell."""
    loops = sys.modules.get(_LOOP)
    try:
        task = loops.current_task() if loops else None
    except RuntimeError:  # no loop runs here
        return None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and task is not None:
        if frame.f_code.co_name == "run_code" and "IPython" in frame.f_code.co_filename:
            return None
        frame = frame.f_back
    return task


def _show_calmly() -> None:
    """Show the end of a script in one line, without a traceback."""
    shown, shown_of_thread = sys.excepthook, threading.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, RunStopped):
            sys.stderr.write(f"nbtracker: {error}\n")
        else:
            shown(kind, error, trace)

    def show_of_thread(said: threading.ExceptHookArgs) -> None:
        if not isinstance(said.exc_value, RunStopped):
            shown_of_thread(said)

    sys.excepthook, threading.excepthook = show, show_of_thread
