"""Text that arrives in pieces: a secret that is cut between two of them is still found.

The last line waits until it is whole. So that a killed kernel leaves little unwritten, a line
that nothing is added to is given out too: after a while up to its last blank, later whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbtracker.redaction import Redactor

# How long the beginning of a line waits for the rest, and how long its last word. Units: seconds.
LINE_WAITS_S, WORD_WAITS_S = 0.5, 5.0
# What waits at most, and what is kept to recognise how a secret goes on. Units: characters.
_MOST_WAITING, _CONTEXT = 64 * 1024, 512
# Its lines are no secrets to be known by themselves, so it waits for its end. The last line may
# be the half of one that begins it.
_KEY_BEGINS = re.compile(r"-----BEGIN[A-Z0-9 ]{0,40}(?:PRIVATE KEY|\Z)")
_KEY_ENDS = "-----END"
_LITERAL = re.compile(r"[=:]\s{0,3}[\"']")


@dataclass
class _Stream:
    """What waits of one stream, and what went out of the same line.

    Attributes:
        text: What waits.
        context: What was given out since the line began, as it was printed.
        since: When `text` began to wait.
    """

    text: str = ""
    context: str = ""
    since: float = 0.0


class Lines:
    """The streams of one execution.

    Of what it is given, it gives out redacted text, with the name of its stream, in order: a
    line that waits goes out when something is printed to another stream.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._streams: dict[str, _Stream] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether something is held back."""
        return any(stream.text for stream in self._streams.values())

    @property
    def is_fresh(self) -> bool:
        """Whether no line has begun, so that nothing of it matters to what follows."""
        return not any(stream.text or stream.context for stream in self._streams.values())

    def add(self, name: str, text: str, now: float) -> Iterator[tuple[str, str]]:
        """Take in what was printed; give out what is whole."""
        for other in self._streams:
            if other != name:
                yield from self._give(other, _key_start(self._streams[other].text))
        stream = self._streams.setdefault(name, _Stream())
        if not stream.text:
            stream.since = now
        stream.text += text
        end = _whole_end(stream.text)
        if end:
            stream.since = now
        elif len(stream.text) > _MOST_WAITING:
            most = len(stream.text) - _CONTEXT
            end = _last_blank(stream.text[:most]) or most
        yield from self._give(name, end)

    def overdue(self, now: float) -> Iterator[tuple[str, str]]:
        """Give out what waited long enough."""
        for name, stream in self._streams.items():
            waited = now - stream.since
            if stream.text and waited >= WORD_WAITS_S:
                yield from self._give(name, _key_start(stream.text))
            elif stream.text and waited >= LINE_WAITS_S:
                known = stream.context + stream.text
                yield from self._give(name, _last_blank(known) - len(stream.context))

    def rest(self) -> Iterator[tuple[str, str]]:
        """Give out everything: nothing follows."""
        for name, stream in self._streams.items():
            yield from self._give(name, len(stream.text))

    def _give(self, name: str, end: int) -> Iterator[tuple[str, str]]:
        if end <= 0:
            return
        stream = self._streams[name]
        begin, known = len(stream.context), stream.context + stream.text
        redacted = self._redactor.redact(known, after=begin, until=begin + end)
        out, stream.text = stream.text[:end], stream.text[end:]
        line = max(out.rfind("\n"), out.rfind("\r")) + 1
        before = "" if line else stream.context
        stream.context = (before + out[line:])[-_CONTEXT:]
        if redacted:
            yield name, redacted


def _whole_end(text: str) -> int:
    """Where the last line begins, or a private key that has not ended."""
    return min(max(text.rfind("\n"), text.rfind("\r")) + 1, _key_start(text))


def _last_blank(text: str) -> int:
    """Behind the last blank that is neither in a private key nor in a literal that goes on."""
    stop = _key_start(text)
    for begun in _LITERAL.finditer(text, max(0, stop - _CONTEXT), stop):
        if text.find(begun.group()[-1], begun.end()) < 0:
            stop = begun.start()
            break
    return max(text.rfind(blank, 0, stop) for blank in " \t\n\r") + 1


def _key_start(text: str) -> int:
    """Where a private key begins that has not ended; the end of the text if there is none."""
    for begun in _KEY_BEGINS.finditer(text, max(0, len(text) - _MOST_WAITING)):
        if text.find(_KEY_ENDS, begun.end()) < 0:
            return begun.start()
    return len(text)
