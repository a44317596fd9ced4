"""Take secrets out of text, before anything of it reaches a disk.

What is a secret: values of the environment and of prompts, credentials in addresses, keys
whose form is known, and literals that are given to names which say so. All of it takes time
that grows with the length of the text, and no faster.
"""

import bisect
import os
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from nbtracker.redaction.asking import Asked, Asking
from nbtracker.redaction.forgotten import ForgottenCells
from nbtracker.redaction.names import named_spans, strength
from nbtracker.redaction.quoting import ESCAPE
from nbtracker.redaction.shapes import looks_random, shape_spans, value_spans

REDACTED = "[redacted]"
_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|credential|token(?!iz)|auth(?!or(?!iz))|cookie|private"
    r"|(?:^|_|api|access|account)keys?(?![a-z])|_pwd|_pass(?![a-z])|_pat(?![a-z])|_dsn(?![a-z])",
    re.IGNORECASE,
)
_SURE_NAME = re.compile(r"passw|passphrase|secret|_pwd|_pass(?![a-z])", re.IGNORECASE)
_PATH = re.compile(r"(?:[~.]{0,2}|[A-Za-z]:)[/\\].*|\.{1,2}", re.DOTALL)
# What is called secret, and may be said: too many texts have these words.
_WORDS = frozenset({
    "password", "changeme", "postgres", "username", "disabled", "required", "optional",
    "anonymous", "kerberos", "internal", "readonly",
})  # fmt: skip
# From here on, a value is replaced within words, too. Units: characters.
LONG = 8
_SHORTEST = 4


class Redactor:
    """Replaces secrets in text by `[redacted]`.

    May be used by several threads at once.

    Args:
        environ: Its variables whose names say that they are secret are.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values: tuple[tuple[str, re.Pattern[str] | None], ...] = ()
        self._seen: dict[str, str] = {}
        self._environ = environ
        self._pid, self._learning = os.getpid(), threading.RLock()
        self._asking = Asking()
        self._forgotten = ForgottenCells()
        self.learn_environment()

    def learn_environment(self, environ: Mapping[str, str] | None = None) -> None:
        """Take the environment's secrets in; a program may have added some since the last time.

        Args:
            environ: Default: the one that was given at the beginning.
        """
        environ = self._environ if environ is None else environ
        with self._alone():
            for name in list(environ):
                value = environ.get(name)  # another thread may delete it
                if value is not None and self._seen.get(name) != value:
                    self._seen[name] = value
                    self._learn_variable(name, value)

    def _learn_variable(self, name: str, value: str) -> None:
        if _is_secret_variable(name, value):
            self.learn(value)
        for start, end in value_spans(value) if "://" in value else ():
            if end - start >= LONG:
                self.learn(value[start:end])

    def _alone(self) -> threading.RLock:
        if self._pid != os.getpid():
            # The thread that held it when this process was forked is not there.
            self._pid, self._learning = os.getpid(), threading.RLock()
        return self._learning

    def learn(self, value: str) -> None:
        """Take a secret in, such as what was typed at a prompt; a very short one is left out."""
        value = value.strip()
        if len(value) < _SHORTEST:
            return
        escaped = value.encode("unicode_escape", "surrogatepass").decode()
        forms = {value, escaped, repr(value)[1:-1], quote(value, safe="", errors="replace")}
        forms |= {line.strip() for line in value.splitlines() if looks_random(line.strip())}
        with self._alone():
            known = dict(self._values)
            for form in forms:
                bounded = rf"(?<!\w){re.escape(form)}(?!\w)" if len(form) < LONG else None
                known.setdefault(form, None if bounded is None else re.compile(bounded))
            # Replaced as a whole: another thread may be reading it.
            self._values = tuple(sorted(known.items(), key=lambda item: -len(item[0])))

    def redact(self, text: str, *, after: int = 0, until: int | None = None) -> str:
        """Replace the secrets in a text that was read or shown, and quotes of forgotten cells.

        Args:
            text: The text; colours in it are seen through.
            after: Where what is wanted begins; what stands before is context. Units: characters.
            until: Where it ends; what stands behind is context.
        """
        clean = self._clean(text, after, until, quotes=bool(self._forgotten))
        return REDACTED if self._forgotten and clean in self._forgotten else clean

    def _clean(
        self, text: str, at: int = 0, until: int | None = None, *, quotes: bool = False
    ) -> str:
        stop = len(text) if until is None else until
        is_coloured = "\x1b" in text
        parts: list[str] = []
        spans = self._coloured_spans if is_coloured else self._spans
        for start, end in spans(text, quotes):
            if end > at and start < stop:
                begin, at_next = max(start, at), min(end, stop)
                inside = ESCAPE.findall(text, begin, at_next) if is_coloured else ()
                parts += [text[at:begin], REDACTED, *inside]
                at = at_next
        return "".join([*parts, text[at:stop]])

    def forget(self, source: str) -> None:
        """Take a cell out of what is read from now on: documents, tracebacks that quote it.

        Args:
            source: As it was kept, or executed.
        """
        clean = self._clean(source)
        with self._alone():
            self._forgotten.add(source)
            self._forgotten.add(clean)

    def redact_source(self, source: str) -> str:
        """Replace the secrets in a cell that is executed; one that was forgotten is there again."""
        if self._forgotten:
            # Takes its time, and who learns a secret at a cell's end does not wait for that.
            clean = self._clean(source)
            with self._alone():
                self._forgotten.discard(source)
                self._forgotten.discard(clean)
        return self._clean(source)

    def redact_value(self, value: Any, *, shown: bool = False) -> Any:
        """Replace the secrets in a nested value of dicts and lists; keys are text, too.

        Args:
            value: What was logged or set, or shown.
            shown: Whether it was shown: it may quote forgotten cells, and data does not.
        """
        if isinstance(value, str):
            return self.redact(value) if shown else self._clean(value)
        if isinstance(value, dict):
            return {
                self.redact_value(key): self._redact_item(key, item, shown)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.redact_value(item, shown=shown) for item in value]
        return value

    def _redact_item(self, key: Any, item: Any, shown: bool) -> Any:
        if isinstance(key, str) and isinstance(item, str) and strength(key):
            said = f"{key}={item!r}"
            begin = len(key) + 2
            if any(end > begin for _, end in named_spans(said)):
                return REDACTED
        return self.redact_value(item, shown=shown)

    def _spans(self, text: str, quotes: bool) -> Iterator[tuple[int, int]]:
        """Where secrets stand, and quotes of forgotten cells, in order and apart."""
        found = [*shape_spans(text), *named_spans(text)]
        found += self._forgotten.spans(text) if quotes else ()
        for value, pattern in self._values:
            if value not in text:
                continue
            if pattern is not None:
                found += [match.span() for match in pattern.finditer(text)]
                continue
            at = text.find(value)
            while at >= 0:
                found.append((at, at + len(value)))
                at = text.find(value, at + len(value))
        found.sort()
        last = -1
        for start, end in found:
            if end > last:
                yield max(start, last), end
                last = end

    def _coloured_spans(self, text: str, quotes: bool) -> Iterator[tuple[int, int]]:
        """Where secrets stand in what a terminal would show; colours within are spanned."""
        codes = [match.span() for match in ESCAPE.finditer(text)]
        pieces, places, at, n_plain = [], [], 0, 0
        for start, end in [*codes, (len(text), len(text))]:
            if start > at:
                pieces.append(text[at:start])
                places.append((n_plain, at))
                n_plain += start - at
            at = end
        for start, end in self._spans("".join(pieces), quotes):
            yield _place(places, start), _place(places, end - 1) + 1

    def asked(self, source: str) -> Asked:
        """Say whether a cell asks for a secret, and where it is when the cell has ended.

        To be told of all cells in the order they are executed, by one thread.
        """
        return self._asking.asked(source)


def _place(places: list[tuple[int, int]], index: int) -> int:
    """Where a character of the plain text stands in the coloured one."""
    begin, start = places[bisect.bisect_right(places, index, key=lambda place: place[0]) - 1]
    return start + index - begin


def _is_secret_variable(name: str, value: str) -> bool:
    if len(value) < LONG or not _SECRET_NAME.search(name) or name in ("PWD", "OLDPWD"):
        return False
    if value.lower() in _WORDS or (_PATH.fullmatch(value) and not looks_random(value[1:])):
        return False
    if _SURE_NAME.search(name):
        return True
    return not (value.isdigit() or (value.isalpha() and value.islower() and len(value) < 2 * LONG))
