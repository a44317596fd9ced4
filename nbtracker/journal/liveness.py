"""Whether a journal's writer still lives, where no lock tells.

A lock is the better answer; some network file systems have none, and the lock of another host
may not be seen here.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nbtracker.journal.reader import Item, JournalReader
from nbtracker.journal.records import Ended, Record, RunStarted
from nbtracker.journal.rows import Rows
from nbtracker.store.locks import Lock, boot_id, host, is_process, probe

# How far the clocks of two hosts may differ, and a busy one may be late. Units: seconds.
PATIENCE_S = 30.0


class Writer(Protocol):
    """What a writer says of itself when it begins: a run's, or a session's."""

    @property
    def host(self) -> str:
        """The machine."""

    @property
    def boot_id(self) -> str:
        """Since when that runs."""

    @property
    def pid(self) -> int:
        """The process."""

    @property
    def process_started_at(self) -> float:
        """Since when that runs. Units: seconds since 1970."""

    @property
    def heartbeat_s(self) -> float:
        """How often it means to say that it lives. Units: seconds."""


def seems_alive(writer: Writer, last_at: float, *, now: float | None = None) -> bool:
    """Tell from what a writer said of itself whether it lives.

    Args:
        writer: Who began to write.
        last_at: Its last sign of life. Units: seconds since 1970.
        now: The time. Default: the clock's. Units: seconds since 1970.
    """
    if writer.host == host():
        if writer.boot_id != boot_id():
            return False
        lives = is_process(writer.pid, writer.process_started_at)
        if lives is not None:
            return lives
    now = time.time() if now is None else now
    return now - last_at < 3 * writer.heartbeat_s + PATIENCE_S


@dataclass
class LastWriter:
    """Who wrote a journal last, from what stands in it.

    Attributes:
        started: How it began; None before it did, and when it ended.
        last_at: When it last wrote anything. Units: seconds since 1970.
    """

    started: RunStarted | None = None
    last_at: float = 0.0

    def take(self, item: Item) -> None:
        """Take in what stands next in the journal."""
        if isinstance(item, Rows):
            self.last_at = max(self.last_at, item.last_at)
        elif isinstance(item, Record):
            self.last_at = max(self.last_at, item.at)
            if isinstance(item, RunStarted | Ended):
                self.started = item if isinstance(item, RunStarted) else None

    def is_other_process(self) -> bool:
        """Whether a process that seems to live, and is not this one, has the journal."""
        if self.started is None or not seems_alive(self.started, self.last_at):
            return False
        return (self.started.host, self.started.pid) != (host(), os.getpid())


def is_written(journal: Path) -> bool:
    """Whether somebody writes a journal, this process included; a dead writer does not.

    Where there are no locks, what stands in the journal tells.
    """
    found = probe(journal)
    if found is not Lock.UNKNOWN:
        return found is Lock.HELD
    last = LastWriter()
    try:
        for item in JournalReader(journal).read():
            last.take(item)
    except OSError:
        return False
    return last.started is not None and seems_alive(last.started, last.last_at)
