"""What each setting may be, and how it is kept."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbtracker.errors import ConfigError, DataError, UsageError
from nbtracker.ids import check_project, check_run_id

MAX_NAME_LENGTH = 1024
MAX_NOTES_LENGTH = 1_000_000
MAX_TAG_LENGTH = 64
MAX_KEY_LENGTH = 4096
MAX_SECONDS = 30 * 86_400
MODES = ("offline", "online", "disabled", "shared")
RESUMES = ("allow", "must", "never", "auto")
REINITS = ("default", "create_new", "finish_previous", "return_previous")
ANONYMOUS = ("never", "allow", "must")
_YES = ("1", "true", "yes", "on", "y", "t")
_NO = ("0", "false", "no", "off", "n", "f")


def text(name: str, value: Any) -> str | None:
    """Keep text of one line; blank text is none."""
    return _text(name, value, MAX_NAME_LENGTH)


def entity(name: str, value: Any) -> str | None:
    """Keep text that can be the first part of a run's path."""
    kept = text(name, value)
    if kept is not None and "/" in kept:
        raise wrong(name, value, "text without '/'", f"pass {name}={kept.replace('/', '-')!r}")
    return kept


def notes(name: str, value: Any) -> str | None:
    """Keep text of many lines."""
    return _text(name, value, MAX_NOTES_LENGTH)


def _text(name: str, value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(name, value, "text", f"pass {name}={_as_text(value)!r}")
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


def config_key(key: object) -> str:
    """Return a config key as it is kept: `--lr` is "lr".

    Raises:
        DataError: It is not text.
        ConfigError: Nothing is left of it, or it is longer than any name.
    """
    if not isinstance(key, str):
        raise DataError(
            f"config key {shown(key)} is of type {type(key).__name__}, and must be text; "
            f"use {_as_text(key)!r}"
        )
    kept = str.__str__(key).strip("-")
    if not kept or len(kept) > MAX_KEY_LENGTH:
        raise ConfigError(
            f"config key {shown(key)} cannot be used: a key must have 1 to {MAX_KEY_LENGTH} "
            "characters beside '-' at its ends. Put long text in the value."
        )
    return kept


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
            raise wrong(f"an item of {name}", item, "text", f"pass {name}=[{_as_text(item)!r}]")
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
    if not is_number or not 0 < value <= MAX_SECONDS:
        right = f"a positive number of seconds, at most {MAX_SECONDS}"
        raise wrong(name, value, right, f"pass {name}=5, for example")
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
        near = nearest(str(value), allowed)
        hint = f"did you mean {near!r}?" if near else f"pass {name}={allowed[0]!r}, for example"
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
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(known)}"
    return f"there is no {what} {name[:80]!r}; {hint}"


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Find the name that was meant."""
    from difflib import get_close_matches  # needed for errors only

    return next(iter(get_close_matches(name, known, 1)), None)


def wrong(name: str, value: Any, right: str, hint: str) -> UsageError:
    """Make the error for a value that a setting cannot have."""
    return UsageError(
        f"{name} is {shown(value)} ({type(value).__name__}), and must be {right}; {hint}"
    )


def shown(value: object) -> str:
    """Show a value in an error: no more than fits a line."""
    try:
        said = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        said = "of many digits"
    return said if len(said) <= 80 else f"{said[:77]}..."


def _as_text(value: object) -> str:
    try:
        return str(value)[:40]
    except ValueError:  # an integer of more digits than Python prints
        return "a name"
