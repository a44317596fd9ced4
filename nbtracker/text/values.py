"""How what runs say is printed: no character of theirs reaches the terminal as a command.

A run's name, values and tracebacks are written by whoever wrote the run. Control characters,
escape sequences and marks that turn the direction of writing are shown as what they are.
"""

import json
import re
import sys
import time
from typing import Any

from nbtracker.journal.records import dumps

MOST_CELL = 60
"""How wide a column of what people wrote may be. Units: characters."""
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_UNESCAPED_IN_JSON = re.compile(r"[^\x20-\x7e]")


def escaped(text: str, *, lines: bool = False) -> str:
    r"""Show characters that do not print as `\x1b`, `\u202e` and the like.

    Args:
        text: What a run, or a folder's name, says.
        lines: Keep line ends, for text that is shown in lines of its own.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or (lines and char == "\n") else _spelled(char) for char in text
    )


def short(value: Any, most: int = MOST_CELL) -> str:
    """Show a value in one line of at most so many characters."""
    text = value_text(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def value_text(value: Any) -> str:
    """Show a value in one line: text as it is, everything else as JSON would have it."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, float):
        return repr(value)
    return escaped(json.dumps(value, ensure_ascii=False, default=str))


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Spell a value as JSON, with NaN and infinities as the journal spells them.

    A journal has no NaN but an object, `{"$float": "nan"}`, and puts one more `$` before a
    user's key that begins with one.
    """
    spelled = dumps(value).decode("utf-8", "surrogatepass")
    if indent is not None:
        spelled = json.dumps(json.loads(spelled), ensure_ascii=False, indent=indent)
        return "\n".join(_safe_json(line) for line in spelled.split("\n"))
    return _safe_json(spelled)


def moment(at: float | None) -> str:
    """Show a time of day where the reader is; `-` if there is none."""
    if not at:
        return "-"
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
    except (OverflowError, ValueError, OSError, TypeError):
        return value_text(at)


def duration(seconds: float | None) -> str:
    """Show how long something took, in the two largest units; `-` if nobody knows."""
    if seconds is None:
        return "-"
    if not 0 <= seconds < 1e12:
        return value_text(seconds)
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, below, names in (
        (_DAY_S, _HOUR_S, ("d", "h")),
        (_HOUR_S, _MINUTE_S, ("h", "min")),
        (_MINUTE_S, 1, ("min", "s")),
    ):
        if whole >= unit:
            return f"{whole // unit} {names[0]} {whole % unit // below} {names[1]}"
    return f"{whole} s"


def plural(n: int, word: str) -> str:
    """Say how many: `1 run`, `1,234 runs`."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def _spelled(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _safe_json(spelled: str) -> str:
    """Escape what does not print; also what stdout cannot spell, so that it stays JSON."""
    if spelled.isascii() and spelled.isprintable():
        return spelled
    takes_all = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")

    def escape(found: re.Match[str]) -> str:
        char = found.group()
        if takes_all and char.isprintable():
            return char
        return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"

    return _UNESCAPED_IN_JSON.sub(escape, spelled)
