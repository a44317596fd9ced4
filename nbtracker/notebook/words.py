"""The words of a line of `%tracker`, and the values that they give to names.

Values are Python expressions of whoever wrote the line.
"""

import ast
import functools
import itertools
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from IPython.core.error import UsageError

from nbtracker import errors
from nbtracker.errors import attempt
from nbtracker.views.words import words_in

_QUOTES = "\"'"


def words_of(line: str) -> list[str]:
    """Split a line at its blanks, but for those in quotes and brackets; a comment is left out.

    Raises:
        UsageError: A quote or bracket is not closed.
    """
    try:
        return words_in(line)
    except errors.UsageError as error:
        raise UsageError(str(error)) from error


def evaluated(words: Iterable[str], names: dict[str, Any]) -> dict[str, Any]:
    """Give the values of `key=expression` words.

    Raises:
        UsageError: A word is none of these, or its expression has no value; a key is given twice.
    """
    found: dict[str, Any] = {}
    for word in words:
        key, equals, expression = word.partition("=")
        if not equals or not key or expression.startswith("="):
            shown = f"{word}={word}" if word.isidentifier() else f"key={word}"
            raise UsageError(
                f"{word!r} gives no name a value; write {shown}, without blanks around the = sign, "
                "and with brackets around what has blanks"
            )
        if key in found:
            raise UsageError(f"{key} is given twice")
        if not expression:
            raise UsageError(f"{word!r} lacks its value; write it without blanks, as in {word}0.1")
        found[key] = value_of(expression, names, key)
    return found


def refuse_strays(words: Sequence[str], options: Collection[str]) -> None:
    """Refuse words that a blank has cut off a text or an expression, and say what would be right.

    Args:
        words: The rest of a line.
        options: Those that take a text.

    Raises:
        UsageError: There are such words.
    """
    for begin, word in enumerate(words):
        option, equals, text = word.partition("=")
        behind = begin + 1
        if option in options and not equals:
            text, behind = words[behind] if behind < len(words) else "", behind + 1
        strays = list(itertools.takewhile(_is_bare, words[behind:]))
        if not strays:
            continue
        if option in options:
            raise UsageError(f"{option} takes one text: {_whole(option, [text, *strays])}")
        whole = " ".join((text, *strays))
        if equals and text and _is_expression(whole):
            raise UsageError(f"what has blanks needs brackets: {option}=({whole})")


def _is_bare(word: str) -> bool:
    return "=" not in word and not word.startswith("--")


def _whole(option: str, texts: Sequence[str]) -> str:
    if option == "--tags":
        return f"--tags {','.join(one.strip(',') for one in texts)}"
    return f'{option} "{" ".join(one.strip(_QUOTES) for one in texts)}"'


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def value_of(expression: str, names: dict[str, Any], key: str) -> Any:
    """Give the value of an expression.

    Raises:
        UsageError: It has none; text that lacks its quotes is told from other mistakes.
    """
    shown = f"{key}={expression}"
    try:
        code = compile(expression.strip(), f"<%tracker {key}>", "eval")
    except (SyntaxError, ValueError) as error:
        raise UsageError(
            f"{shown} is no Python expression; if it is text, quote it: {key}={expression!r}"
        ) from error
    # A line of the user's own, in the user's own names: it is as much theirs as the cell is.
    calculate = functools.partial(eval, code, names)
    return attempt(calculate, lambda: _refuse(key, expression.strip(), shown))


def _refuse(key: str, expression: str, shown: str) -> NoReturn:
    """Say why an expression has no value: what it raised is the one that is being handled."""
    error = sys.exc_info()[1]
    if not isinstance(error, NameError):
        raise UsageError(f"{shown}: {type(error).__name__}: {error}") from error
    is_bare = re.fullmatch(r"[\w.-]+", expression) is not None
    instead = f"if it is text, quote it: {key}={expression!r}" if is_bare else "define it first"
    raise UsageError(f"{shown}: no name {error.name!r} is defined; {instead}") from error


def names_for(user_ns: dict[str, Any], local: Mapping[str, Any] | None) -> dict[str, Any]:
    """The names that a line may use.

    Args:
        user_ns: The user's namespace.
        local: Names of the function that the line stands in, if it stands in one.
    """
    # A comprehension in an expression sees the globals it is given, and no locals.
    return user_ns if local is None or local is user_ns else {**user_ns, **local}
