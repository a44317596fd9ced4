"""What each setting may be, and how it is kept."""

import difflib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nbtracker.errors import UsageError
from nbtracker.ids import check_project, check_run_id

MAX_NAME_LENGTH = 1024
MAX_NOTES_LENGTH = 1_000_000
MAX_TAG_LENGTH = 64
MODES = ("offline", "online", "disabled", "shared")
RESUMES = ("allow", "must", "never", "auto")
REINITS = ("default", "create_new", "finish_previous", "return_previous")
ANONYMOUS = ("never", "allow", "must")
_YES = ("1", "true", "yes", "on", "y", "t")
_NO = ("0", "false", "no", "off", "n", "f")


def text(name: str, value: Any) -> str | None:
    """Keep text of one line; blank text is none."""
    return _text(name, value, MAX_NAME_LENGTH)


def notes(name: str, value: Any) -> str | None:
    """Keep text of many lines."""
    return _text(name, value, MAX_NOTES_LENGTH)


def _text(name: str, value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(name, value, "text", f"pass {name}={str(value)[:40]!r}")
    if len(value) > longest:
        raise UsageError(
            f"{name} has {len(value)} characters; at most {longest} are kept. "
            "Shorten it, or put long text in a file or in config."
        )
    return value if value.strip() else None


def project(_name: str, value: Any) -> str:
    """Keep the name of a project."""
    return "uncategorized" if value is None else check_project(value)


def run_id(_name: str, value: Any) -> str | None:
    """Keep a run id."""
    return None if value is None else check_run_id(value)


def folder(name: str, value: Any) -> str | None:
    """Keep a path as text."""
    if value is None or value == "":
        return None
    if not isinstance(value, str | os.PathLike):
        raise wrong(name, value, "a path", f"pass {name}='runs', for example")
    return os.fsdecode(value)


def tags(name: str, value: Any) -> tuple[str, ...]:
    """Keep tags; one text is one tag."""
    found = _texts(name, value)
    for tag in found:
        if not 1 <= len(tag) <= MAX_TAG_LENGTH:
            shown = tag if len(tag) < 40 else f"{tag[:37]}..."
            raise UsageError(
                f"{name}: {shown!r} has {len(tag)} characters; a tag has 1 to {MAX_TAG_LENGTH}. "
                "Shorten it, or put long text in notes."
            )
    return found


def keys(name: str, value: Any) -> tuple[str, ...]:
    """Keep names of config keys; text is one, or some with commas between."""
    if isinstance(value, str):
        value = split(value)
    return _texts(name, value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        raise wrong(name, value, "a list of texts", f"pass {name}=['one', 'two'], for example")
    found = tuple(value)
    for item in found:
        if not isinstance(item, str):
            raise wrong(f"an item of {name}", item, "text", f"pass {name}=[{str(item)[:40]!r}]")
    return found


def split(said: str) -> tuple[str, ...]:
    """Split text at its commas."""
    return tuple(part.strip() for part in said.split(",") if part.strip())


def flag(name: str, value: Any) -> bool:
    """Keep a yes or no; none is no."""
    return bool(maybe(name, value))


def maybe(name: str, value: Any) -> bool | None:
    """Keep a yes, a no, or none."""
    if value is None or isinstance(value, bool):
        return value
    raise wrong(name, value, "True or False", f"pass {name}=True, for example")


def magic(name: str, value: Any) -> bool:
    """Keep whether magic was asked for; it has no effect here."""
    if value is None or isinstance(value, bool | str | os.PathLike | Mapping):
        return bool(value)
    raise wrong(name, value, "a bool, a dict or text", "leave it out: it has no effect here")


def seconds(name: str, value: Any) -> float:
    """Keep a positive duration."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise wrong(name, value, "a positive number of seconds", f"pass {name}=5, for example")
    return float(value)


def one_of(
    allowed: tuple[str, ...], default: str | None, also: Mapping[Any, str | None]
) -> Callable[[str, Any], str | None]:
    """Make a check for one of some words; `also` maps other spellings to them."""

    def check(name: str, value: Any) -> str | None:
        if value is None:
            return default
        known = isinstance(value, str | bool)
        if known and value in also:
            return also[value]
        if known and value in allowed:
            return str(value)
        near = difflib.get_close_matches(str(value), allowed, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"pass {name}={allowed[0]!r}, for example"
        raise wrong(name, value, " or ".join(map(repr, allowed)), hint)

    return check


mode = one_of(MODES, "offline", {"dryrun": "offline", "run": "online"})
resume = one_of(RESUMES, None, {True: "auto", False: None, "true": "auto", "false": None})
reinit = one_of(REINITS, "default", {True: "finish_previous", False: "return_previous"})
anonymous = one_of(
    ANONYMOUS, None, {True: "must", False: "never", "true": "must", "false": "never"}
)


def parse_bool(name: str, said: str) -> bool:
    """Read a yes or no that stands in the environment."""
    word = said.strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise wrong(name, said, "1 or 0", f"set {name}=1, for example")


def unknown_name(name: str, known: Iterable[str], what: str = "setting") -> str:
    """Say that there is no such name, and which one is nearest."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return f"there is no {what} {name[:80]!r}; {hint}"


def wrong(name: str, value: Any, right: str, hint: str) -> UsageError:
    """Make the error for a value that a setting cannot have."""
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return UsageError(f"{name} is {shown} ({type(value).__name__}), and must be {right}; {hint}")
