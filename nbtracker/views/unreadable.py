"""What reading a run may raise that is the run's fault, and not ours."""

from nbtracker.errors import JournalError

PASSING = (OSError, MemoryError)
"""May go by itself: too many open files, a disk that was away, a full memory."""

UNREADABLE = (*PASSING, JournalError, ValueError, RecursionError)
"""What reading a journal of any content may raise: a crafted one fits its checksums.

A TypeError, a KeyError and the like are not among them: those are mistakes of ours.
"""
