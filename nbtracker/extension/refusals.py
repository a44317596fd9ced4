"""What a request is refused with, beside the errors of `nbtracker.errors`: with a way out."""

from nbtracker.errors import Error, UsageError


class TooLargeError(UsageError):
    """What is asked for is too large to be shown; `hint` says how to see it."""

    hint = "Save both files, and compare them with another program."


class StoreBusyError(Error):
    """A store has so many questions open that it gets no further one; `hint` says what to do."""

    hint = "Its disk may hang, as one on a network does. Ask again in a while."
