"""What a request gives, checked: every argument is a text until it is read here."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from nbtracker.errors import UsageError
from nbtracker.ids import check_project, check_run_id

Given: TypeAlias = Mapping[str, str | Sequence[str]]
"""Arguments by name: places of the route, and of the query each with one value or several."""

MAX_TEXT = 16_000
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no", "")


def many(given: Given, name: str, most: int) -> list[str]:
    """Give all values of an argument.

    Raises:
        UsageError: There are more than `most`, or one is too long.
    """
    found = given.get(name, ())
    values = [found] if isinstance(found, str) else list(found)
    if len(values) > most:
        raise UsageError(f"{name} is given {len(values)} times; at most {most} are taken")
    for value in values:
        if len(value) > MAX_TEXT:
            raise UsageError(f"{name} has {len(value)} characters; at most {MAX_TEXT} are taken")
    return values


def one(given: Given, name: str, default: str = "") -> str:
    """Give an argument that there is once, or `default`.

    Raises:
        UsageError: It is given several times, or is too long.
    """
    values = many(given, name, 1)
    return values[0] if values else default


def number(given: Given, name: str, default: int, *, most: int) -> int:
    """Give an argument that is a count.

    Raises:
        UsageError: It is none.
    """
    spelled = one(given, name)
    if not spelled:
        return default
    found = int(spelled) if spelled.isdecimal() and len(spelled) < 19 else -1
    if not 0 <= found <= most:
        raise UsageError(f"{name} is {spelled[:40]!r}; it must be a whole number from 0 to {most}")
    return found


def maybe_number(given: Given, name: str, *, most: int) -> int | None:
    """Give an argument that is a count, or None if it is left out."""
    return number(given, name, 0, most=most) if one(given, name) else None


def fraction(given: Given, name: str) -> float | None:
    """Give an argument that is a number, or None if it is left out.

    Raises:
        UsageError: It is none.
    """
    spelled = one(given, name)
    if not spelled:
        return None
    try:
        return float(spelled)
    except ValueError as error:
        raise UsageError(f"{name} is {spelled[:40]!r}; it must be a number such as 0.9") from error


def rows(given: Given, name: str) -> tuple[int, int] | None:
    """Give an argument like `1000:2000`, or None if it is left out.

    Raises:
        UsageError: It is none; either number may be left out.
    """
    spelled = one(given, name)
    if not spelled:
        return None
    start, colon, stop = spelled.partition(":")
    fits = colon and all(part.isdecimal() and len(part) < 16 for part in (start, stop) if part)
    if not fits:
        raise UsageError(f"{name} is {spelled[:40]!r}; it must be like 1000:2000")
    return int(start or 0), int(stop or 2**53)


def choice(given: Given, name: str, choices: Sequence[str]) -> str:
    """Give an argument that is one of some words; the first of them if it is left out.

    Raises:
        UsageError: It is another.
    """
    spelled = one(given, name) or choices[0]
    if spelled not in choices:
        raise UsageError(f"{name} is {spelled[:40]!r}; it must be one of {', '.join(choices)}")
    return spelled


def flag(given: Given, name: str) -> bool:
    """Give an argument that is a yes or a no; no if it is left out.

    Raises:
        UsageError: It is neither.
    """
    spelled = one(given, name).lower()
    if spelled not in _YES + _NO:
        raise UsageError(f"{name} is {spelled[:40]!r}; it must be true or false")
    return spelled in _YES


def run_name(spelled: str) -> tuple[str, str]:
    """Read `project/id`.

    Raises:
        UsageError: It names no run.
    """
    project, _, run_id = spelled.partition("/")
    return check_project(project), check_run_id(run_id)
