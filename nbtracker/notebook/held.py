"""What an execution shows while a secret of it is not known yet: in memory, and not without end."""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

MIB = 1024 * 1024
# Of what waits, so much of the beginning stays, and so much of the end. Units: bytes.
MOST_BYTES = 4 * MIB
# What a message takes beside its text. Units: bytes.
_OVERHEAD = 500


class Message(NamedTuple):
    """One message that waits.

    Attributes:
        kind: Its type; empty for what was lost, of which `n_bytes` tells how much.
    """

    kind: str
    content: dict[str, Any]
    at: float
    n_bytes: int


class Held:
    """The first and the last messages of an execution."""

    def __init__(self) -> None:
        self._head: list[Message] = []
        self._tail: deque[Message] = deque()
        self._n_head = self._n_tail = self._n_lost = 0

    def add(self, message: Message) -> None:
        """Keep a message; leave out one from the middle if there are too many."""
        cost = message.n_bytes * bool(message.kind) + _OVERHEAD
        if not self._tail and (self._n_head + cost <= MOST_BYTES or not self._head):
            self._head.append(message)
            self._n_head += cost
            return
        self._tail.append(message)
        self._n_tail += cost
        while self._n_tail > MOST_BYTES and len(self._tail) > 1:
            gone = self._tail.popleft()
            self._n_tail -= gone.n_bytes * bool(gone.kind) + _OVERHEAD
            self._n_lost += gone.n_bytes

    def messages(self) -> Iterator[Message]:
        """Give everything in order, what was left out included."""
        yield from self._head
        if self._n_lost:
            first = self._tail[0]
            text = str(first.content.get("text", ""))
            # The rest of a line may be the rest of a secret.
            whole = text.find("\n") + 1 if first.kind == "stream" else 0
            n_cut = len(text[:whole].encode("utf-8", "surrogatepass"))
            yield Message("", {}, first.at, self._n_lost + n_cut)
            if whole:
                self._tail[0] = first._replace(content=first.content | {"text": text[whole:]})
        yield from self._tail
